// GLib's Unicode tables as Swift sees them; poppler-glib brings the library along anyway.
// The shim holds only what Swift cannot call.
#pragma once
#include <glib.h>
