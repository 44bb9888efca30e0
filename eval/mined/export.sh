#!/usr/bin/env bash
# Writes the sources of every repository in repositories.txt, at its revision, below a folder.
#
# usage: export.sh MIRRORS SOURCES
#
# MIRRORS/owner+name/repo is a git folder with the revision in it. Files whose contents the clone
# lacks are left out, as partial clones lack large ones.
set -euo pipefail

mirrors=$1
sources=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

while read -r repository revision; do
  git_folder=$mirrors/${repository/\//+}/repo
  target=$sources/${repository##*/}
  mkdir -p "$target"
  leave_out=()
  while read -r path; do
    leave_out+=(":(exclude,literal)$path")
  done < <(
    git --git-dir="$git_folder" ls-tree -r "$revision" |
      awk '$2 == "blob" { object = $3; sub(/^[^\t]*\t/, ""); print object, $0 }' |
      git --git-dir="$git_folder" cat-file --batch-check='%(objectname) %(rest)' |
      awk '$2 == "missing" { print $1 }' |
      while read -r object; do
        git --git-dir="$git_folder" ls-tree -r "$revision" |
          awk -v object="$object" '$3 == object { sub(/^[^\t]*\t/, ""); print }'
      done
  )
  git --git-dir="$git_folder" archive "$revision" -- . ${leave_out[@]+"${leave_out[@]}"} |
    tar -x -C "$target"
  echo "$repository"
done < "$here/repositories.txt"
