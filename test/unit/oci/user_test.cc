#include "runtime/oci/user.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "base/sys.h"

namespace runtime::oci {
namespace {

// An image made of a few texts.
class FixedFiles : public RootFiles {
 public:
  explicit FixedFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  base::Result<base::UniqueFd> open(std::string_view path) const override {
    const auto found = files_.find(std::string(path));
    if (found == files_.end()) return base::fail(base::Code::kNotFound, "no ", path);
    base::UniqueFd file = TRY(base::sys::memfd("text", false));
    TRY(base::sys::write_all(file.get(), found->second));
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
  }
  base::Result<struct stat> stat(std::string_view path) const override {
    const base::UniqueFd file = TRY(open(path));
    return base::sys::fstat(file.get());
  }

 private:
  std::map<std::string, std::string> files_;
};

const FixedFiles& image() {
  static const FixedFiles texts(std::map<std::string, std::string>{{"/etc/passwd",
                                                                    "root:x:0:0:root:/root:/bin/sh\n"
                                                                    "web:x:1000:1001:Web:/home/web:/bin/sh\n"
                                                                    "nohome:x:1002:1002::nowhere:/bin/sh\n"
                                                                    "web:x:2000:2000:second:/home/second:/bin/sh\n"
                                                                    "short:x:1003:1003\n"},
                                                                   {"/etc/group",
                                                                    "root:x:0:\n"
                                                                    "wheel:x:10:root,web\n"
                                                                    "video:x:44:web\n"
                                                                    "staff:x:50:webmaster\n"
                                                                    "webgroup:x:1001:web\n"}});
  return texts;
}

ResolvedUser resolved(const UserRequest& request, const RootFiles& root = image()) {
  const base::Result<ResolvedUser> user = resolve_user(root, request);
  INFO((user ? "" : user.error().to_string()));
  REQUIRE(user.has_value());
  return *user;
}

ResolvedUser from_image(const std::string& user) { return resolved({.image_user = user}); }

base::Error refused(const UserRequest& request, const RootFiles& root = image()) {
  const base::Result<ResolvedUser> user = resolve_user(root, request);
  REQUIRE_FALSE(user.has_value());
  return user.error();
}

using Ids = std::vector<uint32_t>;

TEST_CASE("the image's USER in all its forms") {
  CHECK(from_image("") == ResolvedUser{.uid = 0, .gid = 0, .additional_gids = Ids{0, 10}, .home = "/root"});
  CHECK(from_image("web") ==
        ResolvedUser{.uid = 1000, .gid = 1001, .additional_gids = Ids{1001, 10, 44}, .home = "/home/web"});
  CHECK(from_image("1000") == from_image("web"));
  CHECK(from_image("web:") == from_image("web"));
  CHECK(from_image("web:video") ==
        ResolvedUser{.uid = 1000, .gid = 44, .additional_gids = Ids{44, 10, 1001}, .home = "/home/web"});
  CHECK(from_image("1000:77").gid == 77);
  CHECK(from_image("4711") == ResolvedUser{.uid = 4711, .gid = 0, .additional_gids = Ids{0}, .home = "/"});
  CHECK(from_image("4711:4712") == ResolvedUser{.uid = 4711, .gid = 4712, .additional_gids = Ids{4712}, .home = "/"});
  CHECK(from_image(":video").gid == 44);
  CHECK(from_image("short").home == "/");
  CHECK(from_image("nohome").home == "/");
}

TEST_CASE("what the pod says wins over the image") {
  CHECK(resolved({.run_as_user = 1000, .image_user = "root"}).uid == 1000);
  CHECK(resolved({.run_as_user = 0, .image_user = "web"}).uid == 0);
  CHECK(resolved({.run_as_user = 5, .run_as_username = "web"}).uid == 1000);
  CHECK(resolved({.run_as_user = 1000, .run_as_group = 9, .image_user = "root:root"}).gid == 9);
  // The image's group belongs to the image's user.
  CHECK(resolved({.run_as_user = 4711, .image_user = "web:video"}).gid == 0);
}

TEST_CASE("supplementary groups follow the policy") {
  CHECK(resolved({.run_as_user = 1000, .supplemental_groups = {7, 44, 7}}).additional_gids == Ids{1001, 10, 44, 7});
  CHECK(resolved({.run_as_user = 1000, .supplemental_groups = {7}, .policy = GroupsPolicy::kStrict}).additional_gids ==
        Ids{1001, 7});
}

TEST_CASE("users that cannot be resolved are named") {
  const FixedFiles empty({});
  CHECK(refused({.image_user = "nobody"}).to_string() == "user nobody is not in the image's /etc/passwd");
  CHECK(refused({.run_as_username = "x"}).code() == base::Code::kInvalidArgument);
  CHECK(refused({.image_user = "root"}, empty).to_string() == "user root is not in the image's /etc/passwd");
  CHECK(refused({.image_user = "web:nogroup"}).to_string() == "group nogroup is not in the image's /etc/group");
  CHECK(refused({.run_as_group = 5, .image_user = "web"}).code() == base::Code::kInvalidArgument);
  CHECK(refused({.run_as_user = -1}).code() == base::Code::kInvalidArgument);
  CHECK(refused({.run_as_user = 1LL << 31}).code() == base::Code::kInvalidArgument);
  CHECK(refused({.run_as_user = 1, .run_as_group = -5}).code() == base::Code::kInvalidArgument);
  CHECK(refused({.supplemental_groups = {1LL << 32}}).code() == base::Code::kInvalidArgument);
  CHECK(refused({.image_user = "99999999999999999999"}).code() == base::Code::kInvalidArgument);
  CHECK(resolved({.image_user = "12:34"}, empty).gid == 34);
}

TEST_CASE("hostile account files do no harm") {
  using namespace std::string_literals;
  const std::string nul = "nul\0:x:0:0::/:\n"s;
  const std::string nul_home = "evil:x:9:9::/h\0x:/\n"s;
  const FixedFiles hostile(std::map<std::string, std::string>{
      {"/etc/passwd",
       "\n:::\n::0:0:\n:x:0:0::/:\n+::::::\n+web:x:0:0::/:\nweb\nweb:x\nweb:x:0\nweb:x::\nweb:x:-1:0\n"
       "web:x:0x10:0\nweb:x:4294967296:0\nweb:x: 7:0\n#web:x:0:0\nweb\r:x:0:0\n" +
           nul + "web:x:5:6:a:/home:b:c:d:e:f\n" + nul_home + "last:x:8:8::/last:/bin/sh"},
      {"/etc/group", "g:x\ng:x:y:web\n:x:0:web\ng:x:99999999999:web\nok:x:60:web,web,,web\nnoend:x:61:a,web"}});
  CHECK(resolved({.image_user = "web"}, hostile) ==
        ResolvedUser{.uid = 5, .gid = 6, .additional_gids = Ids{6, 60, 61}, .home = "/home"});
  CHECK(resolved({.image_user = "last"}, hostile).home == "/last");
  CHECK(resolved({.image_user = "evil"}, hostile).home == "/");
  CHECK(refused({.image_user = "+web"}, hostile).code() == base::Code::kInvalidArgument);

  const FixedFiles huge({{"/etc/passwd", std::string((4 << 20) + 1, 'a')}});
  CHECK(refused({.image_user = "web"}, huge).code() == base::Code::kResourceExhausted);

  std::string many;
  for (int i = 0; i < 70000; ++i) many += "g:x:" + std::to_string(i + 1) + ":u\n";
  const FixedFiles crowded({{"/etc/passwd", "u:x:1:1::/:/bin/sh\n"}, {"/etc/group", many}});
  CHECK(refused({.image_user = "u"}, crowded).code() == base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace runtime::oci
