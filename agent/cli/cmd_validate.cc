#include "agent/api/codec.h"
#include "agent/cli/commands.h"
#include "agent/cli/manifest_file.h"
#include "agent/cli/output.h"
#include "base/concat.h"

namespace agent::cli {

namespace {

struct Checked {
  std::string name;  // of the file
  api::CheckedFile content;
};

std::string fault_json(const api::Fault& fault) {
  return base::concat(R"({"line":)", fault.line, R"(,"column":)", fault.column, R"(,"path":)", json_string(fault.path),
                      R"(,"message":)", json_string(fault.message), "}");
}

std::string faults_json(const api::Faults& faults) {
  std::string out = "[";
  for (const api::Fault& fault : faults) out += (out.size() > 1 ? "," : "") + fault_json(fault);
  return out + "]";
}

std::string file_json(const Checked& file) {
  return base::concat(R"({"file":)", json_string(file.name), R"(,"valid":)",
                      file.content.faults.empty() ? "true" : "false", R"(,"faults":)", faults_json(file.content.faults),
                      R"(,"notCarriedOut":)", faults_json(file.content.not_carried_out), "}");
}

std::string as_json(const std::vector<Checked>& files) {
  std::string out = "[";
  for (const Checked& file : files) out += (out.size() > 1 ? ",\n " : "") + file_json(file);
  return out + "]\n";
}

std::string as_text(const std::vector<Checked>& files) {
  std::string out;
  for (const Checked& file : files) {
    if (!file.content.faults.empty()) out += api::to_string(file.content.faults, file.name) + "\n";
    for (api::Fault note : file.content.not_carried_out) {
      note.message.insert(0, "valid; ");
      out += api::to_string({std::move(note)}, file.name) + "\n";
    }
    if (file.content.faults.empty())
      out += base::concat(file.name, ": valid: ", file.content.manifests.size(),
                          file.content.manifests.size() == 1 ? " object\n" : " objects\n");
  }
  return out;
}

// Every object as an apiserver would store it; in JSON several of them are a List, as kubectl prints them.
std::string defaulted(const std::vector<Checked>& files, ManifestFormat format) {
  std::vector<const api::Object*> objects;
  for (const Checked& file : files)
    for (const api::Manifest& manifest : file.content.manifests) objects.push_back(&manifest.object);
  if (format == ManifestFormat::kJson) return api::to_json_pretty(objects);
  std::string out;
  for (const api::Object* object : objects) out += base::concat(out.empty() ? "" : "---\n", api::to_yaml(*object));
  return out;
}

}  // namespace

base::Result<int> validate(const Globals& /*globals*/, const ValidateArguments& arguments) {
  if (!arguments.defaulted && arguments.output == ManifestFormat::kYaml)
    return base::fail(base::Code::kInvalidArgument,
                      "-o yaml prints objects: add --defaulted, or choose -o text or -o json for the faults");
  std::vector<Checked> files;
  bool valid = true;
  for (const std::string& file : arguments.files) {
    const ManifestFile manifest = TRY(read_manifest_file(file));
    Checked& checked = files.emplace_back(Checked{manifest.name, api::check_manifests(manifest.text)});
    valid = valid && checked.content.faults.empty();
  }
  if (!arguments.defaulted) {
    TRY(print(arguments.output == ManifestFormat::kJson ? as_json(files) : as_text(files)));
  } else if (valid) {
    TRY(print(defaulted(files, arguments.output)));
  } else {
    print_error(as_text(files));
  }
  return valid ? 0 : 1;
}

}  // namespace agent::cli
