// A ZIP of documents: its files are taken out in memory, each to become a document of its own.
// Invariants: nothing is written anywhere, so a name that climbs out of the archive reaches nothing, and such a name is
// refused all the same; one bad member never hides the others; count and size are bounded over all members.
// Must not: open archives inside the archive; whoever adds the members does, and bounds how deep.
import Base

enum ArchiveReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let archive = try ZipArchive(bytes, claimedAs: .zip)
    var document = Document(text: "", format: .zip)
    var left = Limits.archiveMemberBytesMax
    for name in archive.names where !isFurniture(name) {
      guard document.members.count < Limits.archiveMembersMax else {
        throw IngestFailure(
          .zipBomb, "the archive holds more than \(Limits.archiveMembersMax) files", hint: "add it in parts")
      }
      let member = try member(name, of: archive, bytesMax: left)
      left -= member.bytes.count
      document.members.append(member)
    }
    guard !document.members.isEmpty else { throw IngestFailure(.emptyDocument, "the archive holds no files") }
    return document
  }

  private static func member(_ name: String, of archive: ZipArchive, bytesMax: Int) throws -> ArchiveMember {
    var content: [UInt8] = []
    do {
      try check(name)
      _ = unsafe try archive.read(name) { piece in
        guard content.count + piece.count <= bytesMax else {
          throw IngestFailure(
            .tooLarge, "the archive unpacks to more than \(Limits.archiveMemberBytesMax >> 20) MiB",
            hint: "add it in parts")
        }
        unsafe content.append(contentsOf: piece)
      }
      return ArchiveMember(name: name, bytes: content)
    } catch let failure as IngestFailure where failure.reason != .zipBomb && failure.reason != .tooLarge {
      return ArchiveMember(name: name, bytes: [], failure: failure)
    }
  }

  /// Folders, hidden files and what macOS and Windows put beside the files: nobody packed them on purpose.
  private static func isFurniture(_ name: String) -> Bool {
    guard !name.hasSuffix("/") else { return true }
    let parts = name.split { $0 == "/" || $0 == "\\" }
    return parts.contains { $0 == "__MACOSX" || ($0.hasPrefix(".") && $0 != "." && $0 != "..") }
      || ["thumbs.db", "desktop.ini"].contains(parts.last?.lowercased() ?? "")
  }

  private static func check(_ name: String) throws {
    let climbs = name.split(separator: "/", omittingEmptySubsequences: false).contains {
      $0 == ".." || $0 == "." || $0.isEmpty
    }
    let isOdd = name.contains("\\") || name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    let isDrive = name.dropFirst().first == ":"
    guard !climbs, !isOdd, !isDrive, name.unicodeScalars.count <= Limits.archiveNameScalarsMax else {
      throw IngestFailure(
        .unsafeName, "the archive calls a file by a name that leads out of it or is too long",
        hint: "pack it again with plain names")
    }
  }
}
