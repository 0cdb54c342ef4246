// libxml2 as Swift sees it. The shim holds only what Swift cannot call.
#pragma once
#include <libxml/xmlversion.h>

// Debian's libxml2 names ICU's converters in a public struct. ICU's headers and the copy of ICU inside Foundation
// cannot both be seen by Swift, and nothing here uses the struct.
#undef LIBXML_ICU_ENABLED

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xmlreader.h>
