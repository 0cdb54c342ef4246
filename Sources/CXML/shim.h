// libxml2 as Swift sees it. The shim holds only what Swift cannot call.
#pragma once
#include <libxml/xmlversion.h>
// Debian builds libxml2 with ICU and its headers then include ICU's, which clash with the copy inside Foundation. Only
// the private tail of a struct that nothing here touches depends on it.
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

// xmlFree is a variable that holds a function, which Swift will not call across threads.
static inline void footnote_xml_free(void *memory) { xmlFree(memory); }
