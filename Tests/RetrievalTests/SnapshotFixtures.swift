// What version 1 of the snapshot format wrote for the records in SnapshotFixtureTests. Never changed, only added to.

let versionOneSnapshot = """
  """
