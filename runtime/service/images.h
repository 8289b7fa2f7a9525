// Images: the ImageService over the store, and the local ways in and out of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cri-proto/local_runtime.h"
#include "cri-proto/service.h"
#include "runtime/image/store.h"
#include "runtime/service/registry.h"

namespace runtime::service {

// Thread-safe: the store is.
class Images final : public cri::ImageService {
 public:
  Images(image::Store& store, Registry& registry) : store_(store), registry_(registry) {}

  base::Result<v1::ListImagesResponse> list_images(const cri::CallContext& context,
                                                   const v1::ListImagesRequest& request) override;
  base::Status stream_images(const cri::CallContext& context, const v1::StreamImagesRequest& request,
                             const cri::Sink<v1::StreamImagesResponse>& sink) override;
  base::Result<v1::ImageStatusResponse> image_status(const cri::CallContext& context,
                                                     const v1::ImageStatusRequest& request) override;
  base::Result<v1::PullImageResponse> pull_image(const cri::CallContext& context,
                                                 const v1::PullImageRequest& request) override;
  base::Result<v1::RemoveImageResponse> remove_image(const cri::CallContext& context,
                                                     const v1::RemoveImageRequest& request) override;
  base::Result<v1::ImageFsInfoResponse> image_fs_info(const cri::CallContext& context,
                                                      const v1::ImageFsInfoRequest& request) override;

  base::Result<std::vector<cri::ImportedImage>> import(const cri::CallContext& context, const std::string& path,
                                                       const std::string& name,
                                                       const std::function<void(const cri::ImageProgress&)>& progress);
  base::Status export_to(const std::string& reference, int out);

 private:
  image::InUse in_use();

  image::Store& store_;
  Registry& registry_;
};

}  // namespace runtime::service
