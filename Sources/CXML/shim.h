// libxml2 as Swift sees it. The shim holds only what Swift cannot call.
#pragma once
#include <libxml/xmlversion.h>

// Debian's libxml2 names ICU's converters in a public struct. ICU's headers and the copy of ICU inside Foundation
// cannot both be seen by Swift, and nothing here uses the struct.
#undef LIBXML_ICU_ENABLED

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

// xmlFree is a variable that holds a function, which Swift will not call across threads.
static inline void footnote_xml_free(void *memory) { xmlFree(memory); }
