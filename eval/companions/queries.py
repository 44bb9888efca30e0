"""Would ranking by learned use find more? A replay: a commit's subject is a search, the files it
changed are the results that were used, and the searches before it are what was learned.

    python3 eval/companions/queries.py --flux FLUX --mirrors DIR --work DIR OWNER/NAME...

For each of the last commits the files of `flux search SUBJECT` are ranked as they come, and again
joined by reciprocal ranks with the files that were used after the most alike of the searches before it.
A control joins them with the files that were used most after any search: what only repeats that some
files change often is no learning from searches. Only files of source count.
"""

import argparse
import collections
import json
import math
import pathlib
import re
import subprocess

SOURCE = {".py", ".rs", ".go", ".rb", ".java", ".js", ".ts", ".tsx", ".cs", ".c", ".cc", ".cpp", ".h",
          ".hpp", ".php", ".kt", ".scala", ".swift"}
STOP = set("a an and as at be by for from in into is it of on or that the this to use with when".split())
LEARNED = [50, 200, 1000]
ALIKE = 10


def words(text):
    found = re.findall(r"[A-Za-z]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text))
    return {word.lower() for word in found} - STOP


def commits(git_dir, most):
    """Subjects with the files of source that they changed, the newest first."""
    log = subprocess.run(["git", "--git-dir", git_dir, "log", "--no-merges", f"-n{most}", "--name-only",
                          "--format=%x01%s"], capture_output=True, check=True).stdout.decode(errors="replace")
    for part in log.split("\x01")[1:]:
        subject, *files = part.strip().split("\n")
        files = [file for file in files if pathlib.PurePath(file).suffix in SOURCE]
        if 1 <= len(files) <= 10 and len(words(subject)) >= 3:
            yield subject.replace("\n", " "), set(files)


def searched(flux, tree, work, queries):
    """The files of each search, in order."""
    command = [flux, "search", "--batch", "--json", "--no-refresh", "--limit", "50",
               "--index-dir", str(work / "index" / tree.name)]
    ran = subprocess.run(command, cwd=tree, input="\n".join(queries), capture_output=True, text=True)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(lines) == len(queries), ran.stderr
    return [list(dict.fromkeys(hit["path"] for hit in line["results"])) for line in lines]


def alike(query, past, frequency):
    """Files that were used after the searches most alike, the best first."""
    weigh = lambda shared: sum(math.log(1 + len(past) / (1 + frequency[word])) for word in shared)
    own = weigh(query) or 1.0
    scored = [(weigh(query & said) / own, at) for at, (said, _) in enumerate(past) if query & said]
    scored = sorted(scored, key=lambda one: (-one[0], one[1]))[:ALIKE]
    files = collections.Counter()
    for score, at in scored:
        for file in past[at][1]:
            files[file] += score * score
    return [file for file, _ in sorted(files.items(), key=lambda one: (-one[1], one[0]))][:50]


def joined(ranking, learned, weight):
    score = collections.Counter()
    for rank, file in enumerate(ranking):
        score[file] += 1 / (10 + rank)
    for rank, file in enumerate(learned):
        score[file] += weight / (10 + rank)
    return sorted(score, key=lambda file: (-score[file], file))


def measures(ranking, used):
    first = next((rank for rank, file in enumerate(ranking[:50], 1) if file in used), None)
    return (1 / first if first else 0.0, len(used & set(ranking[:10])) / len(used))


def replay(flux, mirrors, work, name, held_out, weights):
    git_dir = mirrors / name.replace("/", "+") / "repo"
    tree = work / name.replace("/", "+")
    if not tree.exists():
        subprocess.run(["git", "clone", "--quiet", str(git_dir), str(tree)], check=True)
        subprocess.run([flux, "index", "--quiet", "--no-graph", "--index-dir",
                        str(work / "index" / tree.name)], cwd=tree, check=True)
    there = set(subprocess.run(["git", "ls-files"], cwd=tree, capture_output=True, text=True).stdout.split("\n"))
    history = [(said, used & there) for said, used in commits(str(git_dir), 4000)]
    history = [(said, used) for said, used in history if used]
    held = history[:held_out]
    found = searched(flux, tree, work, [said for said, _ in held])
    sums = collections.defaultdict(lambda: [0.0, 0.0, 0, 0])
    for at, ((said, used), ranking) in enumerate(zip(held, found)):
        rows = {("search alone", 0, 0.0): ranking}
        for count in LEARNED:
            past = [(words(text), files) for text, files in history[at + 1:at + 1 + count]]
            frequency = collections.Counter(word for text, _ in past for word in text)
            usual = collections.Counter(file for _, files in past for file in files)
            usual = [file for file, _ in sorted(usual.items(), key=lambda one: (-one[1], one[0]))][:50]
            learned = alike(words(said), past, frequency)
            for weight in weights:
                rows[("learned", count, weight)] = joined(ranking, learned, weight)
                rows[("used most", count, weight)] = joined(ranking, usual, weight)
        for row, ranking in rows.items():
            mrr, recall = measures(ranking, used)
            if row[0] == "search alone":
                alone = mrr
            sums[row][0] += mrr / len(held)
            sums[row][1] += recall / len(held)
            sums[row][2] += mrr > alone
            sums[row][3] += mrr < alone
    return sums


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--flux", required=True)
    parser.add_argument("--mirrors", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--held-out", type=int, default=100)
    parser.add_argument("--weights", type=float, nargs="+", default=[0.1, 0.25, 0.5, 1.0])
    parser.add_argument("repos", nargs="+")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    total = collections.defaultdict(lambda: [0.0, 0.0, 0, 0])
    for name in args.repos:
        sums = replay(args.flux, args.mirrors, args.work, name, args.held_out, args.weights)
        base = sums[("search alone", 0, 0.0)]
        print(f"{name}: search alone MRR {base[0]:.3f}, recall@10 {base[1]:.3f}", flush=True)
        for row, (mrr, recall, better, worse) in sums.items():
            total[row][0] += mrr / len(args.repos)
            total[row][1] += recall / len(args.repos)
            total[row][2] += better
            total[row][3] += worse
    print("| ranked by | searches learned from | weight | MRR | recall@10 | better | worse |")
    print("|---|---|---|---|---|---|---|")
    for (how, count, weight), (mrr, recall, better, worse) in total.items():
        print(f"| {how} | {count} | {weight} | {mrr:.3f} | {recall:.3f} | {better} | {worse} |")


if __name__ == "__main__":
    main()
