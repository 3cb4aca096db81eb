#!/bin/sh
# The tests in an old browser (Chromium 109) take it from a package of npm; tests/provider.sh has seen to Node.js.
cd "$(dirname "$0")/old_browser" || exit 1
if ! command -v npm >/dev/null 2>&1; then
    echo "缺少 Node.js（含 npm）：旧版浏览器的测试将不运行，其余测试照常。"
    exit 0
fi
# Unpacked last of all; older than the lock, or absent, means not what the lock says.
if [ ! node_modules/chromium -nt package-lock.json ]; then
    npm ci --silent --no-audit --no-fund --ignore-scripts && node unpack.mjs ||
        { rm -rf node_modules; echo "旧版浏览器没有装成：它的测试将不运行，其余测试照常。"; }
fi
exit 0
