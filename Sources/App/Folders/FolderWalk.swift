// Every file below a folder that is to be added, in the order of their paths.
// Invariants: hidden files and folders and what `.footnoteignore` names are left out; links are not followed, so no
// loop of links matters; a folder that cannot be read is told and the others go on; the depth is bounded.
import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

struct FolderWalk {
  var files: [String] = []
  /// Those that were gone into, the root included.
  var folders: [String] = []
  var failed: [(path: String, error: any Error)] = []
  /// Links and what is neither file nor folder.
  var skipped: [(path: String, reason: String)] = []
  private let rules: FolderRules

  /// The whole tree of the rules' root, or the part of it below a folder.
  init(below folder: String, rules: FolderRules) {
    self.rules = rules
    visit(folder, depth: 0)
  }

  private mutating func visit(_ folder: String, depth: Int) {
    guard depth < Limits.folderDepthMax else {
      failed.append((folder, FileError.unreadable(folder, reason: "folders lie in one another too deep")))
      return
    }
    let names: [String]
    do { names = try FileAccess.names(in: folder) } catch {
      failed.append((folder, error))
      return
    }
    folders.append(folder)
    for name in names.sorted() {
      let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else {
        // Gone since, or never to be found by a name that was no text.
        if name.contains("\u{FFFD}") {
          failed.append((path, FileError.unreadable(path, reason: "its name is not valid UTF-8; rename it")))
        }
        continue
      }
      let kind = status.st_mode & S_IFMT
      guard !rules.leavesOut(path, isFolder: kind == S_IFDIR) else { continue }
      switch kind {
      case S_IFDIR: visit(path, depth: depth + 1)
      case S_IFREG: files.append(path)
      case S_IFLNK: skipped.append((path, "a link; links are not followed"))
      default: skipped.append((path, "neither a file nor a folder"))
      }
    }
  }
}

/// What the paths of a request come to.
struct PathList {
  var files: [(path: String, filename: String)] = []
  var failed: [(path: String, error: any Error)] = []
  var skipped: [(path: String, reason: String)] = []

  /// Files themselves, and every file below folders; paths absolute, so that a file is known again from any place.
  init(_ paths: [String]) {
    var seen: Set<String> = []
    for path in paths {
      let absolute = FileAccess.absolute(path)
      switch FileAccess.sort(absolute) {
      case .file: take([absolute], &seen)
      case .folder:
        let walk = FolderWalk(below: absolute, rules: FolderRules(root: absolute))
        take(walk.files, &seen)
        failed += walk.failed
        skipped += walk.skipped
      case .other: failed.append((path, FileError.notAFile(path)))
      case nil: failed.append((path, FileError.missing(path)))
      }
    }
  }

  private mutating func take(_ paths: [String], _ seen: inout Set<String>) {
    files += paths.filter { seen.insert($0).inserted }.map { ($0, FileAccess.name(of: $0)) }
  }
}
