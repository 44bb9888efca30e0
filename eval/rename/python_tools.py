#!/usr/bin/env python3
"""One rename by rope or jedi. usage: python_tools.py TOOL FOLDER CHOICE-AS-JSON; packages: rope, jedi"""
import json
import os
import sys


def offset(text, line, column):
    return sum(len(one) for one in text.splitlines(keepends=True)[: line - 1]) + column


def rope(folder, choice):
    from rope.base.project import Project
    from rope.refactor.rename import Rename

    project = Project(folder, ropefolder=None, ignore_syntax_errors=True)
    resource = project.get_resource(choice["path"])
    at = offset(resource.read(), choice["line"], choice["column"]) if choice["line"] else None
    changes = Rename(project, resource, at).get_changes(choice["new"], docs=False, in_hierarchy=True)
    project.do(changes)
    project.close()


def jedi(folder, choice):
    import jedi

    if not choice["line"]:
        raise ValueError("jedi renames no file by its path")
    script = jedi.Script(path=os.path.join(folder, choice["path"]), project=jedi.Project(folder))
    script.rename(choice["line"], choice["column"], new_name=choice["new"]).apply()


if __name__ == "__main__":
    {"rope": rope, "jedi": jedi}[sys.argv[1]](sys.argv[2], json.loads(sys.argv[3]))
