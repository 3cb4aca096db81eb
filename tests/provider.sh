#!/bin/sh
# The certified provider of the sign-in tests runs on Node.js: installed here where that may be done, named elsewhere.
cd "$(dirname "$0")/provider" || exit 1
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        echo "正在安装身份平台测试所需的 Node.js ……"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
    fi
fi
if ! command -v npm >/dev/null 2>&1 || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    echo "缺少 Node.js 20 或更新版本（含 npm）：经身份平台登录的测试将不运行，其余测试照常。可安装后再试。"
    exit 0
fi
# npm writes this file last; older than the lock, or absent, means not what the lock says.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    npm ci --silent --no-audit --no-fund || { rm -rf node_modules; echo "身份平台测试所需的包没有装成：这些测试将不运行，其余测试照常。"; }
fi
exit 0
