#include "agent/pods/images.h"

#include "cri-proto/service.h"

namespace agent::pods {

namespace {

namespace v1 = cri::v1;

std::unexpected<BringUpFailure> refuse(const char* reason, base::Error error) {
  return std::unexpected(BringUpFailure{reason, std::move(error)});
}

BringUp<std::optional<LocalImage>> find_image(cri::ImageService& images, const cri::CallContext& context,
                                              const std::string& name) {
  v1::ImageStatusRequest request;
  request.mutable_image()->set_image(name);
  base::Result<v1::ImageStatusResponse> response = images.image_status(context, request);
  if (!response) {
    if (response.error().code() == base::Code::kNotFound) return std::nullopt;
    const bool bad_name = response.error().code() == base::Code::kInvalidArgument;
    return refuse(bad_name ? "InvalidImageName" : "ImageInspectError",
                  response.error().add_context(base::concat("look up image \"", name, "\"")));
  }
  if (!response->has_image()) return std::nullopt;
  LocalImage image;
  image.id = response->image().id();
  image.username = response->image().username();
  if (response->image().has_uid()) image.uid = response->image().uid().value();
  return image;
}

}  // namespace

api::PullPolicy default_pull_policy(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return api::PullPolicy::kIfNotPresent;
  const std::string_view last = image.substr(image.rfind('/') == std::string_view::npos ? 0 : image.rfind('/') + 1);
  const size_t colon = last.find(':');
  const bool latest = colon == std::string_view::npos || last.substr(colon + 1) == "latest";
  return latest ? api::PullPolicy::kAlways : api::PullPolicy::kIfNotPresent;
}

BringUp<LocalImage> ensure_image(cri::ImageService& images, const cri::CallContext& context,
                                 const api::Container& container, const std::function<void(Event)>& tell) {
  const std::string& name = container.image;
  const api::PullPolicy policy = container.image_pull_policy.value_or(default_pull_policy(name));
  auto present = find_image(images, context, name);
  if (!present) return std::unexpected(std::move(present.error()));
  const auto say = [&](bool warning, const char* reason, std::string message) {
    tell({.warning = warning, .reason = reason, .message = std::move(message), .container = container.name});
  };
  if (*present && policy != api::PullPolicy::kAlways) {
    say(false, "Pulled", base::concat("Container image \"", name, "\" already present on machine"));
    return **present;
  }
  if (policy == api::PullPolicy::kNever)
    return refuse(
        "ErrImageNeverPull",
        base::Error(base::Code::kNotFound, base::concat("Container image \"", name,
                                                        "\" is not present with pull policy of Never; bring it with "
                                                        "`nodeagent image import PATH --name ",
                                                        name, "`")));

  v1::PullImageRequest request;
  request.mutable_image()->set_image(name);
  request.mutable_image()->set_user_specified_image(name);
  base::Result<v1::PullImageResponse> pulled = images.pull_image(context, request);
  if (pulled) {
    say(false, "Pulled", base::concat("Successfully pulled image \"", name, "\""));
    auto after = find_image(images, context, name);
    if (!after) return std::unexpected(std::move(after.error()));
    if (*after) return **after;
    return LocalImage{.id = pulled->image_ref(), .uid = std::nullopt, .username = ""};
  }
  if (pulled.error().code() == base::Code::kUnimplemented) {
    if (*present) {
      say(true, "Pulled",
          base::concat("Container image \"", name,
                       "\" has pull policy Always, but images cannot be pulled here: the local one is used"));
      return **present;
    }
    return refuse(
        "ErrImagePull",
        base::Error(base::Code::kNotFound, base::concat("image \"", name,
                                                        "\" is not in the local store and cannot be pulled here; bring "
                                                        "it with `nodeagent image import PATH --name ",
                                                        name, "`")));
  }
  return refuse("ErrImagePull", pulled.error().add_context(base::concat("pull image \"", name, "\"")));
}

}  // namespace agent::pods
