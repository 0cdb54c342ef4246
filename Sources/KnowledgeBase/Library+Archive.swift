// What a file comes to: itself, or, where it is an archive, each of its members as a document of its own, named
// 'archive.zip/folder/name.pdf'.
// Invariants: one bad member never stops the others; archives inside archives are opened to a fixed depth, and all
// members together are bounded, so an archive that holds itself ends.
// Must not: store anything.
import Base
import Ingest
import Store

package enum IncomingStep: Sendable {
  /// Needs no extraction: the same bytes are held, or the file was renamed.
  case settled(AddOutcome)
  case prepared(Prepared)
  case failed(name: String, any Error)
  /// After all that an archive came to: what it holds, so that what it held before can be taken out.
  case archive(ArchiveContents)
}

extension Library {
  /// Reads what came in and tells each document that it comes to, as soon as it is ready. Stores nothing new: what is
  /// prepared has to be committed.
  package func open(_ incoming: Incoming, _ take: (IncomingStep) -> Void) {
    var reading = Reading(
      membersLeft: Limits.archiveMembersMax,
      contents: ArchiveContents(filename: incoming.filename, path: incoming.path, collection: incoming.collection))
    open(incoming, depth: 0, &reading, take)
    if reading.isArchive { take(.archive(reading.contents)) }
  }

  private struct Reading {
    var membersLeft: Int
    var isArchive = false
    var contents: ArchiveContents
  }

  /// One file that came in: stored, member by member where it is an archive.
  package func addAll(_ incoming: Incoming) -> (added: [AddOutcome], failed: [(name: String, error: any Error)]) {
    var added: [AddOutcome] = []
    var failed: [(name: String, error: any Error)] = []
    open(incoming) { step in
      switch step {
      case .settled(let outcome): added.append(outcome)
      case .failed(let name, let error): failed.append((name, error))
      case .prepared(let prepared):
        do { added += try commit([prepared]) } catch { failed.append((prepared.incoming.filename, error)) }
      case .archive(let contents):
        do { _ = try retireVanished(from: contents) } catch { failed.append((incoming.filename, error)) }
      }
    }
    return (added, failed)
  }

  private func open(
    _ incoming: Incoming, depth: Int, _ reading: inout Reading, _ take: (IncomingStep) -> Void
  ) {
    do {
      if let settled = try settleWithoutReading(incoming) {
        if let path = incoming.path ?? (incoming.isMember ? incoming.filename : nil) {
          reading.contents.settled[settled.documentID] = OtherName(path: path, filename: incoming.filename)
        }
        return take(.settled(settled))
      }
      let document = try extract(incoming)
      guard !document.members.isEmpty else { return take(.prepared(cut(document, of: incoming))) }
      guard depth < Limits.archiveDepthMax else { throw LibraryError.archiveTooDeep(depthMax: Limits.archiveDepthMax) }
      guard document.members.count <= reading.membersLeft else {
        throw LibraryError.archiveTooLarge(membersMax: Limits.archiveMembersMax)
      }
      reading.membersLeft -= document.members.count
      reading.isArchive = true
      for member in document.members {
        let inner = incoming.member(named: member.name, bytes: member.bytes)
        reading.contents.members.insert(inner.filename)
        if let failure = member.failure {
          reading.contents.unopened.append(inner.filename)
          take(.failed(name: inner.filename, failure))
        } else {
          open(inner, depth: depth + 1, &reading, take)
        }
      }
    } catch {
      reading.contents.unopened.append(incoming.filename)
      take(.failed(name: incoming.filename, error))
    }
  }
}

extension Incoming {
  /// A file of this archive, which lies where the archive lies and shares what is said of it.
  fileprivate func member(named name: String, bytes: [UInt8]) -> Incoming {
    var member = Incoming(
      bytes: bytes, filename: "\(filename)/\(name)", path: path.map { "\($0)/\(name)" }, collection: collection,
      metadata: metadata, plainChunks: plainChunks)
    member.isMember = true
    return member
  }
}
