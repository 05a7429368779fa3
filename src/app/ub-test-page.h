/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"

G_BEGIN_DECLS

#define UB_TYPE_TEST_PAGE (ub_test_page_get_type ())
G_DECLARE_FINAL_TYPE (UbTestPage, ub_test_page, UB, TEST_PAGE, GtkWidget)

/* @application: borrowed, outlives the page */
GtkWidget *ub_test_page_new (UbApplication *application);

G_END_DECLS
