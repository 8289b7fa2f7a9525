#include "agent/api/event.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<ObjectReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ObjectReference::kind>("kind", "The kind of the object, for example Pod."),
      optional<&ObjectReference::namespace_>("namespace", "The namespace it is in."),
      optional<&ObjectReference::name>("name", "Its name."),
      optional<&ObjectReference::uid>("uid", "Its uid: an object of the same name made later is another one."),
      optional<&ObjectReference::api_version>("apiVersion", "The version of the API that the rest is written for."),
      optional<&ObjectReference::resource_version>("resourceVersion", "The state of the object that is meant."),
      optional<&ObjectReference::field_path>("fieldPath", "The part of it that is meant: spec.containers{web}."),
  });
  static constexpr Type kType = object_type<ObjectReference>("ObjectReference", "Names an object.", kFields);
  return kType;
}

template <>
const Type& Describe<Event>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Event::metadata>("metadata", "Name, namespace and labels.").omitted_when_empty(),
      required<&Event::involved_object>("involvedObject", "What it happened to."),
      optional<&Event::reason>("reason", "One word for programs: Started, BackOff."),
      optional<&Event::message>("message", "What happened, for people."),
      optional<&Event::type>("type", "Normal, or Warning where somebody should look."),
      optional<&Event::count>("count", "How often it happened."),
      optional<&Event::first_timestamp>("firstTimestamp", "When it first happened."),
      optional<&Event::last_timestamp>("lastTimestamp", "When it last happened."),
  });
  static constexpr Type kType = object_type<Event>("Event", "One thing that happened to an object.", kFields, "v1");
  return kType;
}

}  // namespace api
