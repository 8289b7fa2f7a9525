// What commands print: tables, colours, and writing it without losing any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace agent::cli {

// Columns as wide as their longest cell, two spaces apart, no spaces at the end of a line. The first row is the
// heading.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

// Whether to colour what is written to this descriptor: a terminal, NO_COLOR not set (https://no-color.org), TERM not
// "dumb".
bool wants_colour(int fd);

// "web   | ": a container's name padded to the longest, in a colour of its own where colour is wanted.
std::string line_prefix(std::string_view name, size_t longest, size_t index, bool colour);

// "5s", "12m", "3h", "4d" as kubectl shortens ages.
std::string short_duration(int64_t seconds);

// "1.2 MB": powers of 1000, as image sizes are shown.
std::string short_size(uint64_t bytes);

// Lines that may come while a container has the terminal: in raw mode it gets a carriage return with each.
base::Status write_lines(int fd, std::string_view text);
// To standard output; and, as write_lines(), to standard error.
base::Status print(std::string_view text);
void print_error(std::string_view text);

// text as a JSON string, quotes included.
std::string json_string(std::string_view text);

}  // namespace agent::cli
