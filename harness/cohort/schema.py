"""The tables of the store, and how a store of an earlier version is brought up to date."""

import json
import sqlite3
from typing import Final

from .student_work import StudentWork

SCHEMA: Final = 4
_STUDENT: Final = """
create table student (
    key text primary key, name text not null, identity text not null, partners text not null,
    remarks text not null, digest text not null, refused text not null, seconds real not null,
    at text not null, earned real, total real, level integer
);
"""
_TABLES: Final = f"""
create table meta (key text primary key, value text not null);
create table recorded (
    digest text primary key, forkspec text not null, data blob not null, parcel blob
);
{_STUDENT}
create table override (
    number integer primary key, student text not null, name text not null, points real not null,
    reason text not null, at text not null, sets integer not null default 0
);
"""
_FROM_3: Final = "alter table student add column handed_in text not null default '[]';"
_FROM_2: Final = "alter table override add column sets integer not null default 0;"
_FROM_1: Final = f"""
alter table recorded add column parcel blob;
alter table student rename to student_1;
{_STUDENT}
insert or replace into student
    select key_of(name, identity), name, identity, '[]', remarks, digest, refused, seconds, at,
     earned, total, level from student_1 order by at;
update override set student = (select key from student where name = override.student)
    where student in (select name from student);
drop table student_1;
insert or ignore into meta values ('students', 'names');
"""  # noqa: S608  (ours)


def brought_up_to_date(db: sqlite3.Connection) -> int:
    """Create the tables, or change older ones to the present schema. A newer schema is left as it is."""
    (version,) = db.execute("pragma user_version").fetchone()
    if version not in {0, 1, 2, 3}:
        return int(version)
    db.create_function("key_of", 2, _key_of, deterministic=True)
    steps = (_TABLES, _FROM_1 + _FROM_2, _FROM_2, "")[version] + _FROM_3
    try:
        db.executescript(f"begin; {steps} pragma user_version = {SCHEMA}; commit;")
    except sqlite3.Error:
        if db.in_transaction:  # a full disk ends it
            db.execute("rollback")
        raise
    return SCHEMA


def _key_of(name: str, identity: str) -> str:
    return StudentWork(name, {}, json.loads(identity)).key
