#include "agent/api/quantity.h"

#include <catch2/catch.hpp>
#include <limits>

namespace {

using api::Quantity;

TEST_CASE("quantities are read exactly and written canonically") {
  struct Row {
    const char* text;
    int64_t value;
    int64_t milli;
    const char* canonical;
  };
  const Row row = GENERATE(values<Row>({
      {"0", 0, 0, "0"},
      {"64Mi", 67108864, 67108864000, "64Mi"},
      {"1024Mi", 1073741824, 1073741824000, "1Gi"},
      {"1.5Gi", 1610612736, 1610612736000, "1536Mi"},
      {"0.5Ki", 512, 512000, "512"},
      {"1500m", 2, 1500, "1500m"},
      {"1000m", 1, 1000, "1"},
      {"100M", 100000000, 100000000000, "100M"},
      {"1000k", 1000000, 1000000000, "1M"},
      {"1e3", 1000, 1000000, "1e3"},
      {"12E2", 1200, 1200000, "1200"},
      {"1E", 1000000000000000000, std::numeric_limits<int64_t>::max(), "1E"},
      {"0.1", 1, 100, "100m"},
      {".5", 1, 500, "500m"},
      {"1n", 1, 1, "1n"},
      {"0.0000000001", 1, 1, "1n"},
      {"-1500m", -1, -1500, "-1500m"},
      {"+3", 3, 3000, "3"},
      {"7Ei", 8070450532247928832, std::numeric_limits<int64_t>::max(), "7Ei"},
      {"10Ei", std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max(), "9223372036854775807"},
      {"-10Ei", -std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(), "-9223372036854775807"},
      {"10E", std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max(), "10E"},
      {"1e25", std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max(), "10000000e18"},
      {"99999999999999999999", std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max(),
       "99999999999999999999"},
      {"0.00000000000000000000000000000000000000000000001", 1, 1, "1n"},
      {"1e-400", 1, 1, "1e-9"},
      {"1e+03", 1000, 1000000, "1e3"},
      {"1e9999", std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max(), "80000000000e18"},
      {"Mi", 0, 0, "0"},
      {"-", 0, 0, "0"},
      {"+e3", 0, 0, "0"},
      {".", 0, 0, "0"},
      {"1.", 1, 1000, "1"},
      {"1.G", 1000000000, 1000000000000, "1G"},
      {"001", 1, 1000, "1"},
      {"9.1Pi", 10245689152267879, std::numeric_limits<int64_t>::max(), "10245689152267878400m"},
  }));
  CAPTURE(row.text);
  const auto parsed = Quantity::parse(row.text);
  REQUIRE(parsed.has_value());
  CHECK(parsed->value() == row.value);
  CHECK(parsed->milli_value() == row.milli);
  CHECK(parsed->to_string() == row.canonical);
  const auto again = Quantity::parse(parsed->to_string());
  REQUIRE(again.has_value());
  CHECK(*again == *parsed);
}

TEST_CASE("what is no quantity is refused") {
  const char* text = GENERATE("", "Pi", "Ei", ".Ei", "e-10", "1,5", "1_0", "5%", "1.2.3", "64MB", "64 Mi", "1ki", "--1",
                              "1e", "1e+", "1e99999999999999999999", "0x10", "1e1.5", "B");
  CAPTURE(text);
  const auto parsed = Quantity::parse(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code() == base::Code::kInvalidArgument);
  CHECK(parsed.error().message().find(std::string("\"") + text + "\"") != std::string::npos);
}

TEST_CASE("amounts of resources are rounded to thousandths, away from zero") {
  const auto rounded = [](const char* text) {
    Quantity quantity = *Quantity::parse(text);
    quantity.round_up_to_milli();
    return quantity.to_string();
  };
  CHECK(rounded("1n") == "1m");
  CHECK(rounded("-1n") == "-1m");
  CHECK(rounded("1000001u") == "1001m");
  CHECK(rounded("-1000001u") == "-1001m");
  CHECK(rounded("1500m") == "1500m");
  CHECK(rounded("0") == "0");
  CHECK(rounded("64Mi") == "64Mi");
}

TEST_CASE("quantities compare by amount, however they are written") {
  CHECK(*Quantity::parse("1Ki") == *Quantity::parse("1024"));
  CHECK(*Quantity::parse("1k") < *Quantity::parse("1Ki"));
  CHECK(Quantity::of_bytes(4096).to_string() == "4Ki");
}

}  // namespace
