// test/bench/api: what reading a manifest costs (no root needed). Prints p50 and p90 of one 200-line pod being decoded,
// defaulted and validated; pods a minute on one core with the memory before and after; and what hostile text of 10 MB
// costs until it is refused.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "agent/api/codec.h"
#include "base/concat.h"

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// A pod of about 200 lines: five containers with what real ones have.
std::string large_pod() {
  std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop\n  labels:\n    app: shop\n    tier: web\n  annotations:\n"
      "    example.com/owner: team-a\nspec:\n  terminationGracePeriodSeconds: 20\n  restartPolicy: Always\n"
      "  hostAliases:\n  - ip: 10.0.0.1\n    hostnames: [db, db.local]\n  securityContext:\n    runAsUser: 1000\n"
      "    runAsNonRoot: true\n    seccompProfile:\n      type: RuntimeDefault\n  volumes:\n  - name: data\n    "
      "emptyDir:\n"
      "      medium: Memory\n      sizeLimit: 64Mi\n  - name: host\n    hostPath:\n      path: /srv\n      type: "
      "Directory\n"
      "  containers:\n";
  for (int i = 0; i < 5; ++i) {
    text += base::concat("  - name: c", i, "\n    image: registry.example.com/shop/web:", i, ".2\n");
    text +=
        "    command: [\"/bin/sh\", \"-c\"]\n    args:\n    - |\n      set -e\n      exec /app --listen :8080\n    "
        "env:\n"
        "    - name: MODE\n      value: production\n    - name: URL\n      value: http://$(MODE).example.com\n    - "
        "name: TZ\n"
        "      value: UTC\n    ports:\n";
    text += base::concat("    - name: http\n      containerPort: ", 8080 + i, "\n      protocol: TCP\n");
    text +=
        "    resources:\n      requests:\n        cpu: 250m\n        memory: 64Mi\n      limits:\n        memory: "
        "128Mi\n"
        "    livenessProbe:\n      httpGet:\n        path: /healthz\n        port: http\n      periodSeconds: 5\n"
        "    volumeMounts:\n    - name: data\n      mountPath: /data\n    - name: host\n      mountPath: /host\n"
        "      readOnly: true\n    securityContext:\n      allowPrivilegeEscalation: false\n      capabilities:\n"
        "        drop: [ALL]\n";
  }
  return text;
}

void measure_pod() {
  const std::string text = large_pod();
  constexpr int kRounds = 2000;
  std::vector<double> times;
  long before = 0;
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < kRounds; ++i) {
    const Clock::time_point begin = Clock::now();
    const auto read = api::decode_manifests(text);
    times.push_back(milliseconds_since(begin));
    if (!read) {
      std::printf("the pod was refused: %s\n", api::to_string(read.error(), "pod").c_str());
      return;
    }
    if (i == kRounds / 10) before = peak_kib();
  }
  const double minutes = milliseconds_since(start) / 60'000;
  std::ranges::sort(times);
  std::printf(
      "pod of %td lines, decoded, defaulted, validated: p50 %.3f ms, p90 %.3f ms; %.0f pods a minute; peak memory "
      "grew by %ld KiB over the last nine tenths\n",
      std::ranges::count(text, '\n'), times[kRounds / 2], times[kRounds * 9 / 10], kRounds / minutes,
      peak_kib() - before);
}

void measure_hostile(const char* name, const std::string& text) {
  const Clock::time_point begin = Clock::now();
  const auto read = api::decode_manifests(text);
  const double took = milliseconds_since(begin);
  const std::string first = read ? "accepted" : read.error().front().message;
  std::printf("%s, %zu MB: %.0f ms, peak memory of the process so far %ld MiB: %s\n", name, text.size() >> 20, took,
              peak_kib() >> 10, first.substr(0, 100).c_str());
}

std::string repeated(std::string_view unit, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += unit;
  return text;
}

}  // namespace

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  measure_pod();
  constexpr size_t kDocument = 3'000'000;  // just under what one document may have
  constexpr size_t kFile = 9'900'000;
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += base::concat("a", i, ": &a", i, " [");
    for (int j = 0; j < 10; ++j) bomb += base::concat(j > 0 ? ", " : "", "*a", i - 1);
    bomb += "]\n";
  }
  measure_hostile("alias bombs", repeated(bomb + "---\n", kFile));
  measure_hostile("100,000 levels deep", repeated(std::string(100'000, '[') + "\n---\n", kFile));
  measure_hostile("100,000 levels deep in blocks", [] {
    std::string text;
    for (size_t i = 0; text.size() < kDocument; ++i) text += std::string(i % 2000, ' ') + "a:\n";
    return text;
  }());
  measure_hostile("huge keys", repeated(std::string(1'000'000, 'k') + ": 1\n", kDocument));
  measure_hostile("huge quoted keys", repeated("\"" + std::string(1'000'000, 'k') + "\": 1\n", kDocument));
  measure_hostile("many keys", [] {
    std::string text;
    for (size_t i = 0; text.size() < kDocument; ++i) text += base::concat("k", i, ": 1\n");
    return text;
  }());
  measure_hostile("many items", repeated("- a\n", kDocument));
  measure_hostile("many small documents", repeated("a: 1\n---\n", kFile));
  measure_hostile("many small objects", [] {
    std::string text;
    for (size_t i = 0; text.size() < kFile; ++i)
      text += base::concat("{apiVersion: v1, kind: ConfigMap, metadata: {name: a", i, "}}\n---\n");
    return text;
  }());
  measure_hostile("many containers", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [" +
                                         repeated("{},", 290'000) + "]}}");
  measure_hostile("flow maps", "a: [" + repeated("{a: 1},", kDocument) + "]");
  measure_hostile("one quoted text", "a: \"" + std::string(kDocument, 'x') + "\"");
  measure_hostile("JSON, deep", repeated("{\"a\":", kDocument));
  measure_hostile("JSON, many", "{\"a\":[" + repeated("1,", kDocument) + "1]}");
  measure_hostile("one document too large", std::string(kFile, 'a'));
}
