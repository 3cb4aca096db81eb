"""The first administrator of a production store: `python -m gate create-administrator USERNAME`."""

import getpass
import os
import sys

from core.base.errors import UserError
from data.access import accounts
from data.projections import project
from data.store.store import Store, StoreDamaged
from gate import passwords, settings


def main(arguments: list[str]) -> int:
    os.umask(0o077)
    if len(arguments) != 2 or arguments[0] != "create-administrator":
        print("用法：python -m gate create-administrator 用户名")
        return 2
    try:
        password_hash = passwords.hashed(getpass.getpass("密码（8 位以上，含大小写字母和数字）："), (arguments[1],))
        with Store(settings.current().data_folder, project=project) as store:
            accounts.create_local(
                store,
                username=arguments[1],
                name="系统管理员",
                role="administrator",
                password_hash=password_hash,
                must_change=True,
            )
    except (ValueError, UserError, StoreDamaged, settings.NotConfigured) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"已建立系统管理员“{arguments[1].lower()}”。首次登录时须更改密码。")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
