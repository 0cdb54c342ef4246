// Where the C++ headers of poppler are, for the target CPageText: pkg-config tells, by the name `poppler`. Swift reads
// no C++ here, so there is nothing in it.
#pragma once
