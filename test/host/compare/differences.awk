# awk -v profile=NAME -f differences.awk list=1 differences.txt list=0 our_turn=1 OURS our_turn=0 PODMANS
#
# OURS and PODMANS hold what test/host/compare/probe told. Prints every difference that differences.txt does not list
# for the profile, in the form in which it would be listed there, and every listed one that no longer exists; exits 1 if
# there is any. differences.txt says what its lines mean.
function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }
function matches(text, pattern) {
  if (text == pattern) return 1
  gsub(/[][\\.^$(){}+?|]/, "\\\\&", pattern)
  gsub(/\*/, ".*", pattern)
  return text ~ ("^" pattern "$")
}
function read_listed(    optional, count, parts) {
  if ($0 ~ /^[ \t]*(#|$)/) return
  if ($0 ~ /^\[.*\]$/) { active = $0 == "[all]" || index(" " substr($0, 2, length($0) - 2) " ", " " profile " "); return }
  optional = sub(/^\? /, "")
  count = split($0, parts, / \| /)
  if (count != 4 || trim(parts[4]) == "") { complain(FILENAME ":" FNR ": not FACT | OURS | PODMAN'S | WHY: " $0); return }
  if (!active) return
  listed++
  fact[listed] = trim(parts[1]); our[listed] = trim(parts[2]); their[listed] = trim(parts[3])
  is_optional[listed] = optional
}
function complain(text) { print profile ": " text; complaints++ }
function value(values, name) {
  if (!(name in values)) return "(none)"
  return values[name] == "" ? "(empty)" : values[name]
}
function compare(name, a, b,    i) {
  if (a == b) return
  differences++
  for (i = 1; i <= listed; i++)
    if (matches(name, fact[i]) && matches(a, our[i]) && matches(b, their[i])) { used[i] = 1; return }
  complain("not listed: " name " | " a " | " b " | ")
}
BEGIN { FS = "\t" }
list { read_listed(); next }
our_turn { if (!($1 in ours)) order[++facts] = $1; ours[$1] = $2; next }
{ if (!($1 in ours) && !($1 in theirs)) order[++facts] = $1; theirs[$1] = $2 }
END {
  if (ours["the probe"] == "" || theirs["the probe"] == "") complain("a probe has not come to its end")
  for (i = 1; i <= facts; i++) compare(order[i], value(ours, order[i]), value(theirs, order[i]))
  for (i = 1; i <= listed; i++)
    if (!used[i] && !is_optional[i]) complain("listed, but not so any more: " fact[i] " | " our[i] " | " their[i])
  print profile ": " facts " facts compared, " differences + 0 " differ, " complaints + 0 " complaints"
  exit complaints > 0
}
