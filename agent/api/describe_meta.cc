#include "agent/api/meta.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<OwnerReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&OwnerReference::api_version>("apiVersion", "The owner's API group and version."),
      required<&OwnerReference::kind>("kind", "The owner's kind."),
      required<&OwnerReference::name>("name", "The owner's name."),
      required<&OwnerReference::uid>("uid", "The owner's uid."),
      optional<&OwnerReference::controller>("controller", "Whether the owner manages the object; at most one does."),
      optional<&OwnerReference::block_owner_deletion>("blockOwnerDeletion",
                                                      "Whether a foreground deletion of the owner waits for this."),
  });
  static constexpr Type kType = object_type<OwnerReference>(
      "OwnerReference", "An object that this one belongs to and is collected with.", kFields);
  return kType;
}

template <>
const Type& Describe<ManagedFieldsEntry>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ManagedFieldsEntry::manager>("manager", "Who set the fields."),
      optional<&ManagedFieldsEntry::operation>("operation", "Apply or Update."),
      optional<&ManagedFieldsEntry::api_version>("apiVersion", "The API version that the field set is written for."),
      optional<&ManagedFieldsEntry::time>("time", "When the entry last changed."),
      optional<&ManagedFieldsEntry::fields_type>("fieldsType", "The form of the set: FieldsV1."),
      optional<&ManagedFieldsEntry::fields_v1>("fieldsV1", "The set of fields."),
      optional<&ManagedFieldsEntry::subresource>("subresource", "The subresource through which they were set."),
  });
  static constexpr Type kType = object_type<ManagedFieldsEntry>(
      "ManagedFieldsEntry", "Which fields one writer of an object has set; the apiserver keeps it.", kFields);
  return kType;
}

template <>
const Type& Describe<ObjectMeta>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ObjectMeta::name>("name", "The object's name, unique for its kind in its namespace."),
      optional<&ObjectMeta::generate_name>(
          "generateName", "What a name is made from where none is given, by five random characters after it."),
      optional<&ObjectMeta::namespace_>("namespace", "The namespace; \"default\" where none is given."),
      optional<&ObjectMeta::uid>("uid", "What tells the object from all others over time. Given by the source."),
      optional<&ObjectMeta::labels>("labels", "Names and values that selectors choose objects by."),
      optional<&ObjectMeta::annotations>("annotations", "Names and values for tools; 256 KiB at most in all."),
      optional<&ObjectMeta::generation>("generation", "Counts the changes of the spec. Given by the apiserver."),
      optional<&ObjectMeta::creation_timestamp>("creationTimestamp", "When the object was made."),
      optional<&ObjectMeta::deletion_timestamp>("deletionTimestamp", "When the object will be gone, once deleted."),
      optional<&ObjectMeta::deletion_grace_period_seconds>("deletionGracePeriodSeconds",
                                                           "The seconds its deletion was given to end."),
      optional<&ObjectMeta::finalizers>("finalizers", "What must be done, by others, before it can be gone.")
          .with(Support::kCluster),
      optional<&ObjectMeta::owner_references>("ownerReferences", "The objects that it belongs to.")
          .with(Support::kCluster),
      optional<&ObjectMeta::managed_fields>("managedFields", "Who set which fields.").with(Support::kCluster),
      optional<&ObjectMeta::resource_version>("resourceVersion", "The state of the object, for watches.")
          .with(Support::kCluster),
      optional<&ObjectMeta::self_link>("selfLink", "No longer used.").with(Support::kCluster),
  });
  static constexpr Type kType = object_type<ObjectMeta>("ObjectMeta", "What every object carries.", kFields);
  return kType;
}

template <>
const Type& Describe<LabelSelectorRequirement>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&LabelSelectorRequirement::key>("key", "The label it is about."),
      required<&LabelSelectorRequirement::operator_>("operator", "In, NotIn, Exists or DoesNotExist."),
      optional<&LabelSelectorRequirement::values>("values", "The values for In and NotIn; none for the others."),
  });
  static constexpr Type kType =
      object_type<LabelSelectorRequirement>("LabelSelectorRequirement", "One condition on a label.", kFields);
  return kType;
}

template <>
const Type& Describe<LabelSelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&LabelSelector::match_labels>("matchLabels", "Labels that must have these values."),
      optional<&LabelSelector::match_expressions>("matchExpressions", "Conditions that must hold as well."),
  });
  static constexpr Type kType = object_type<LabelSelector>(
      "LabelSelector", "Chooses objects by their labels; an empty one chooses all.", kFields);
  return kType;
}

}  // namespace api
