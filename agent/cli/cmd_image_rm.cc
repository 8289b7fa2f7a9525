#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"

namespace agent::cli {

base::Result<int> image_rm(const Globals& globals, const ImageRmArguments& arguments) {
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  for (const std::string& reference : arguments.references) {
    // CRI's RemoveImage succeeds for what is not there; a user who mistyped wants to know.
    cri::v1::ImageStatusRequest question;
    question.mutable_image()->set_image(reference);
    const cri::v1::ImageStatusResponse found = TRY(node->images().image_status({}, question));
    if (!found.has_image()) return base::fail(base::Code::kNotFound, "no image ", reference, " in the store");
    cri::v1::RemoveImageRequest request;
    request.mutable_image()->set_image(reference);
    TRY(node->images().remove_image({}, request), "remove image ", reference);
    TRY(print(reference + "\n"));
  }
  return 0;
}

}  // namespace agent::cli
