// The image of a container: there, or brought here, by its pull policy.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/api/pod_spec.h"
#include "agent/pods/failure.h"
#include "agent/pods/pod_owner.h"

namespace cri {
class ImageService;
struct CallContext;
}  // namespace cri

namespace agent::pods {

struct LocalImage {
  std::string id;              // what a container is created from
  std::optional<int64_t> uid;  // the user the image names, where it is a number
  std::string username;        // where it is a name
};

// Always for the tag "latest" or no tag, otherwise (digests too) IfNotPresent.
api::PullPolicy default_pull_policy(std::string_view image);

// Reasons: InvalidImageName, ImageInspectError, ErrImageNeverPull, ErrImagePull. Where the runtime cannot pull at all
// (kUnimplemented), an image that is present locally is used in spite of policy Always, and an event says so.
BringUp<LocalImage> ensure_image(cri::ImageService& images, const cri::CallContext& context,
                                 const api::Container& container, const std::function<void(Event)>& tell);

}  // namespace agent::pods
