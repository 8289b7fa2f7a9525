# Adds up the test cases of a meson-logs/testlog.json (one JSON object a line, one line a test program) and prints
# "passed failed skipped". Catch2 programs count their cases, all others are one case. A line "skipped: REASON" in a
# program's output makes one of its cases a skipped one; the reasons are written to the file `reasons`.
BEGIN { printf "" > reasons }
{
  name = $0
  sub(/^.*"name": "/, "", name)
  sub(/".*/, "", name)
  result = $0
  # The first one that is no part of an escaped string.
  match(result, /[^\\]"result": "[A-Z]+"/)
  result = substr(result, RSTART + 12, RLENGTH - 13)
  sub(/^"/, "", result)
  text = $0
  gsub(/\\n/, "\n", text)

  good = bad = left_out = 0
  count = split(text, lines, "\n")
  for (i = 1; i <= count; i++) {
    line = lines[i]
    if (line ~ /All tests passed \([0-9]+ assertions? in [0-9]+ test cases?\)/) {
      sub(/^.* in /, "", line)
      good += line + 0
    } else if (line ~ /^test cases: /) {
      part_count = split(line, parts, "|")
      for (j = 2; j <= part_count; j++) {
        if (parts[j] ~ /passed/) good += parts[j] + 0
        if (parts[j] ~ /failed/) bad += parts[j] + 0
      }
    } else if (line ~ /^ *skipped: /) {
      left_out++
      sub(/^ */, "", line)
      print "     " name " " line > reasons
    }
  }
  if (result == "OK" || result == "EXPECTEDFAIL") {
    if (good == 0) good = 1
  } else if (result == "SKIP") {
    if (left_out == 0) left_out = 1
    good = left_out
  } else if (bad == 0) {
    bad = 1  # a crash, a timeout, a sanitizer
  }
  if (left_out > good) left_out = good
  passed += good - left_out
  failed += bad
  skipped += left_out
}
END { print passed + 0, failed + 0, skipped + 0 }
