// A Document's tree to a described type (agent/api/describe.h). Internal to agent/api.
#pragma once

#include "agent/api/document.h"
#include "agent/api/faults.h"

namespace api {

// Fills the object from a map node; every field that is not described, of the wrong type or missing becomes a fault.
void decode(const Node& node, const std::string& path, Pod& pod, FaultList& faults);
void decode(const Node& node, const std::string& path, Event& event, FaultList& faults);

// "2026-11-22T09:50:16Z" with any fraction and offset; nothing when it is not RFC 3339 or not of 1678 to 2261.
std::optional<Time> parse_time(std::string_view text);

}  // namespace api
