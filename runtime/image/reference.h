// Reference: the name of an image as people and pod specs write it, and its one normalised form.
//
// The grammar is that of the distribution project (https://pkg.go.dev/github.com/distribution/reference): a name may
// begin with a registry host, end with ":tag", "@digest" or both. "busybox" means docker.io/library/busybox:latest.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace runtime::image {

struct Reference {
  std::string domain;  // registry host with its port: "docker.io", "localhost:5000"
  std::string path;    // repository in the registry: "library/busybox"
  std::string tag;     // empty only where a digest was given without one
  std::string digest;  // "sha256:…" or empty; where there is one it decides and the tag is only informative

  // kInvalidArgument, saying what is wrong with the name. The tag becomes "latest" where neither tag nor digest is
  // given.
  static base::Result<Reference> parse(std::string_view text);

  // "docker.io/library/busybox": what a tag or a digest is appended to.
  std::string repository() const;
  // "docker.io/library/busybox:latest", "…@sha256:…", "…:1.36@sha256:…".
  std::string normalised() const;
  // As short as the defaults allow: "busybox:latest", "quay.io/app:1".
  std::string familiar() const;

  friend bool operator==(const Reference&, const Reference&) = default;
};

// True for "sha256:" and 64 lower-case hexadecimal digits, the only digest that is accepted.
bool is_sha256_digest(std::string_view text);

}  // namespace runtime::image
