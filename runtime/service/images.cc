#include "runtime/service/images.h"

#include <algorithm>
#include <charconv>

#include "base/path.h"
#include "runtime/service/ids.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;

namespace {

v1::Image to_cri(const image::Image& image) {
  v1::Image out;
  out.set_id(image.id);
  for (const std::string& tag : image.repo_tags) out.add_repo_tags(tag);
  for (const std::string& digest : image.repo_digests) out.add_repo_digests(digest);
  out.set_size(image.size);
  // "1000:1000", "web:staff": only the user part is told, as a number where it is one.
  const std::string user = image.config.user.substr(0, image.config.user.find(':'));
  int64_t uid = 0;
  const auto parsed = std::from_chars(user.data(), user.data() + user.size(), uid);
  if (!user.empty() && parsed.ec == std::errc() && parsed.ptr == user.data() + user.size()) {
    out.mutable_uid()->set_value(uid);
  } else {
    out.set_username(user);
  }
  out.mutable_spec()->set_image(image.id);
  out.set_pinned(image.pinned);
  return out;
}

}  // namespace

image::InUse Images::in_use() {
  // Looked at when the store asks, not before: another process may have recorded a container meanwhile.
  return [this](const std::string& id) {
    // A registry that cannot be read must not make images look unused.
    if (!registry_.refresh()) return true;
    return std::ranges::any_of(registry_.containers(),
                               [&](const ContainerRecord& container) { return container.image_id == id; });
  };
}

Result<v1::ListImagesResponse> Images::list_images(const cri::CallContext&, const v1::ListImagesRequest& request) {
  v1::ListImagesResponse response;
  const std::string& wanted = request.filter().image().image();
  if (!wanted.empty()) {
    const Result<image::Image> image = store_.resolve(wanted);
    if (image)
      *response.add_images() = to_cri(*image);
    else if (image.error().code() != Code::kNotFound)
      return std::unexpected(image.error());
    return response;
  }
  for (const image::Image& image : TRY(store_.list())) *response.add_images() = to_cri(image);
  return response;
}

Status Images::stream_images(const cri::CallContext& context, const v1::StreamImagesRequest& request,
                             const cri::Sink<v1::StreamImagesResponse>& sink) {
  v1::ListImagesRequest list;
  *list.mutable_filter() = request.filter();
  const v1::ListImagesResponse all = TRY(list_images(context, list));
  constexpr int kBatch = 100;  // images a message
  for (int start = 0; start < all.images_size(); start += kBatch) {
    v1::StreamImagesResponse part;
    for (int i = start; i < std::min(start + kBatch, all.images_size()); ++i) *part.add_images() = all.images(i);
    if (!sink(part)) break;
  }
  return {};
}

Result<v1::ImageStatusResponse> Images::image_status(const cri::CallContext&, const v1::ImageStatusRequest& request) {
  v1::ImageStatusResponse response;
  const Result<image::Image> image = store_.resolve(request.image().image());
  if (image)
    *response.mutable_image() = to_cri(*image);
  else if (image.error().code() != Code::kNotFound)
    return std::unexpected(image.error());
  return response;
}

Result<v1::PullImageResponse> Images::pull_image(const cri::CallContext&, const v1::PullImageRequest& request) {
  return base::fail(Code::kUnimplemented, "pull ", request.image().image(),
                    ": this version of nodeagent does not pull from registries; bring the image in with "
                    "`nodeagent image import`");
}

Result<v1::RemoveImageResponse> Images::remove_image(const cri::CallContext&, const v1::RemoveImageRequest& request) {
  const Result<image::Removed> removed = store_.remove(request.image().image(), in_use());
  if (!removed && removed.error().code() != Code::kNotFound) return std::unexpected(removed.error());
  return v1::RemoveImageResponse();
}

Result<v1::ImageFsInfoResponse> Images::image_fs_info(const cri::CallContext&, const v1::ImageFsInfoRequest&) {
  const image::Usage usage = TRY(store_.usage());
  v1::ImageFsInfoResponse response;
  v1::FilesystemUsage& images = *response.add_image_filesystems();
  images.set_timestamp(wall_ns());
  images.mutable_fs_id()->set_mountpoint(base::join_path(registry_.paths().root, "images"));
  images.mutable_used_bytes()->set_value(usage.bytes);
  images.mutable_inodes_used()->set_value(usage.inodes);
  return response;
}

Result<std::vector<cri::ImportedImage>> Images::import(const cri::CallContext& context, const std::string& path,
                                                       const std::string& name,
                                                       const std::function<void(const cri::ImageProgress&)>& progress) {
  image::ImportOptions options{.name = name};
  if (progress) {
    options.progress = [&](const image::Progress& step) {
      progress({.layer = step.layer, .done_bytes = step.done_bytes, .total_bytes = step.total_bytes});
    };
  }
  options.cancelled = [&] { return context.stop.stop_requested(); };
  std::vector<cri::ImportedImage> imported;
  for (image::Imported& image : TRY(store_.import(path, options))) {
    imported.push_back({.id = std::move(image.id), .references = std::move(image.references)});
  }
  return imported;
}

Status Images::export_to(const std::string& reference, int out) { return store_.export_archive(reference, out); }

}  // namespace runtime::service
