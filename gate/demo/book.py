"""Who is registered at the demonstration platforms, and what the funds platform knows: one JSON file.

`demo-platforms.json` in the data folder holds what was registered or changed here, and is written whole. The preset
people of the demonstration come from the program; of theirs the file keeps a changed password only.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import bcrypt

FILE: Final = "demo-platforms.json"


class Unreadable(Exception):
    """The file exists and cannot be used; the text says what to do."""


@dataclass(frozen=True)
class Person:
    """A natural person (个人实名账号). All of them fictional."""

    id_number: str
    name: str
    phone: str
    password_hash: str = field(repr=False)
    valid_from: str = ""
    valid_for: str = ""


@dataclass(frozen=True)
class LegalPerson:
    """An enterprise with an account (法人账号). Presets: `known` to the funds platform; `demo_password` and `note` are shown."""

    uscc: str
    enterprise_name: str
    password_hash: str = field(repr=False)
    contact_name: str
    contact_phone: str
    note: str = ""
    demo_password: str | None = field(default=None, repr=False)
    kind: str = "企业法人"
    contact_id: str = ""
    representative_id: str = ""
    known: bool = False

    @property
    def claims(self) -> dict[str, str]:
        return {
            "sub": subject("demo-identity", self.uscc),
            "uscc": self.uscc,
            "name": self.enterprise_name,
            "contact_name": self.contact_name,
            "phone_number": self.contact_phone,
        }


def subject(platform: str, uscc: str) -> str:
    """An opaque `sub`, the same after every restart, another on each platform."""
    return hashlib.sha256(f"{platform}:{uscc}".encode()).hexdigest()[:32]


class Book:
    """Persons by 证件号码, enterprises by 统一社会信用代码, 基础信息 of those the funds platform knows."""

    def __init__(self, presets: Sequence[LegalPerson], folder: Path) -> None:
        self.file = folder / FILE
        self.presets = {preset.uscc: preset for preset in presets}
        self.preset_people = {
            preset.contact_id: Person(
                preset.contact_id, preset.contact_name, preset.contact_phone, preset.password_hash
            )
            for preset in presets
            if preset.contact_id
        }
        self.people: dict[str, Person] = {}
        self.enterprises: dict[str, LegalPerson] = {}
        self.basics: dict[str, dict[str, str]] = {}
        self._read()
        for number, person in self.preset_people.items():
            changed = self.people.get(number, person).password_hash
            self.people[number] = replace(person, password_hash=changed)
        for uscc, preset in self.presets.items():
            self._restore(preset, self.enterprises.get(uscc, preset).password_hash)
            if preset.known:
                self.basics.setdefault(
                    uscc, {"contact_name": preset.contact_name, "contact_phone": preset.contact_phone}
                )
        # Checked for unknown names, so that they take as long as known ones.
        self.spare_hash = next((preset.password_hash for preset in presets), None) or hash_password("-")

    def _restore(self, preset: LegalPerson, password_hash: str) -> None:
        """A preset with this password; a changed one is no longer shown."""
        shown = preset.demo_password if password_hash == preset.password_hash else None
        self.enterprises[preset.uscc] = replace(preset, password_hash=password_hash, demo_password=shown)

    def _read(self) -> None:
        try:
            kept: dict[str, Any] = json.loads(self.file.read_text("utf-8"))
            self.people = {number: Person(**entry) for number, entry in kept["people"].items()}
            self.enterprises = {uscc: LegalPerson(**entry) for uscc, entry in kept["enterprises"].items()}
            self.basics = {uscc: dict(entry) for uscc, entry in kept["basics"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(
                f"演示平台的登记文件 {self.file} 无法读取（{error}）。请恢复它，或移走后重新启动；移走后，在演示平台注册过的账号须重新注册。"
            ) from error

    def _write(self) -> None:
        preset_basics = {
            u: {"contact_name": p.contact_name, "contact_phone": p.contact_phone} for u, p in self.presets.items()
        }
        kept = {
            "people": {n: asdict(p) for n, p in self.people.items() if p != self.preset_people.get(n)},
            "enterprises": {u: _lasting(e) for u, e in self.enterprises.items() if e != self.presets.get(u)},
            "basics": {u: b for u, b in self.basics.items() if b != preset_basics.get(u)},
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".json.new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(kept, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, self.file)

    # What changes

    def register_person(self, person: Person) -> None:
        self.people[person.id_number] = person
        self._write()

    def register_enterprise(self, enterprise: LegalPerson) -> None:
        self.enterprises[enterprise.uscc] = enterprise
        self._write()

    def complete(self, uscc: str, basics: dict[str, str]) -> None:
        """The funds platform knows this enterprise from now on."""
        self.basics[uscc] = basics
        self._write()

    def set_password(self, holder: Person | LegalPerson, password_hash: str) -> None:
        if isinstance(holder, Person):
            self.people[holder.id_number] = replace(holder, password_hash=password_hash)
        elif holder.uscc in self.presets:
            self._restore(self.presets[holder.uscc], password_hash)
        else:
            self.enterprises[holder.uscc] = replace(holder, password_hash=password_hash)
        self._write()

    # What is asked

    def person(self, name: str) -> Person | None:
        """By 证件号码 or 手机号码."""
        return self.people.get(name) or next((person for person in self.people.values() if person.phone == name), None)

    def enterprises_of(self, person: Person) -> list[LegalPerson]:
        """Those of which the person is 法定代表人 or 联系人."""
        return [e for e in self.enterprises.values() if person.id_number in (e.representative_id, e.contact_id)]

    def shown(self) -> list[LegalPerson]:
        """The demonstration enterprises, whose password may be shown."""
        return [self.enterprises[uscc] for uscc in self.presets]


def _lasting(enterprise: LegalPerson) -> dict[str, Any]:
    """What the file keeps of an enterprise: not what only a preset has."""
    return {name: value for name, value in asdict(enterprise).items() if name not in ("demo_password", "note", "known")}


def hash_password(password: str) -> str:
    """A bcrypt hash as `password_hash` wants it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


def right_password(password: str, password_hash: str) -> bool:
    """Whether the password is right; about 240 ms: run in a thread."""
    secret = password.encode()  # bcrypt reads 72 bytes and refuses more
    return bcrypt.checkpw(secret[:72], password_hash.encode()) and len(secret) <= 72
