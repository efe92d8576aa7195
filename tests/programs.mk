# The programs of tests and fuzzers, for GNU make.
#
# A test is its file alone: tests/unit/test_NAME.c and tests/e2e/test_NAME.c
# become tests/bin/test_NAME, and tests/fuzz/fuzz_NAME.c is a fuzzer.  A line
# "Wraps: NAME..." in the comment at the head of a test names the functions
# that it puts its own __wrap_NAME() in the place of.

test_names = $(patsubst $(srcdir)/$(1)/%.c,tests/bin/%,$(sort \
	$(wildcard $(srcdir)/$(1)/test_*.c)))
unit_tests := $(call test_names,tests/unit)
e2e_tests := $(call test_names,tests/e2e)
TESTS += $(unit_tests) $(e2e_tests)
EXTRA_DIST += $(patsubst $(srcdir)/%,%, \
	$(wildcard $(srcdir)/tests/*/test_*.c $(srcdir)/tests/fuzz/*.c) \
	$(srcdir)/tests/unit/pool_help.c $(srcdir)/tests/unit/slot_help.c)

# Only what a test needs is taken out of the libraries.
unit_libs = libunit.a libtest.a $(LDADD) $(CMOCKA_LIBS)
ctl_libs = libunit.a libtest.a libagentctl.a libcommon.a $(CURL_LIBS) $(JSON_LIBS) \
	$(BSD_LIBS) $(UTF8PROC_LIBS) $(CMOCKA_LIBS) -lm
e2e_libs = libharness.a libtest.a libcommon.a $(JSON_LIBS) $(BSD_LIBS) $(CMOCKA_LIBS) \
	-lpthread
test_archives = $(filter %.a,$(check_LIBRARIES) $(noinst_LIBRARIES))
comma = ,
test_wraps = $(patsubst %,-Wl$(comma)--wrap=%, \
	$(shell sed -n '/\*\//q; s/^ \* Wraps: //p' $(1)))
test_link = $(AM_V_CCLD)$(MKDIR_P) tests/bin && $(LINK) \
	$(call test_wraps,$(srcdir)/$(<:.o=.c)) $< $(stand_in) \
	$(test_libs)

$(unit_tests): test_libs = $(unit_libs)
$(filter tests/bin/test_ctl_%,$(unit_tests)): test_libs = $(ctl_libs)
$(e2e_tests): test_libs = $(e2e_libs)
# These two stand in for modules: only the tests of their own want them.
$(filter tests/bin/test_pool%,$(unit_tests)): stand_in = tests/unit/pool_help.o
$(filter tests/bin/test_slot%,$(unit_tests)): stand_in = tests/unit/slot_help.o
$(filter tests/bin/test_pool%,$(unit_tests)): tests/unit/pool_help.o
$(filter tests/bin/test_slot%,$(unit_tests)): tests/unit/slot_help.o
$(unit_tests): tests/bin/%: tests/unit/%.o $(test_archives)
	$(test_link)
$(e2e_tests): tests/bin/%: tests/e2e/%.o $(test_archives)
	$(test_link)

# What automake does for programs whose names it is told.
test_objects = $(patsubst %.c,%.o,$(filter tests/%.c,$(EXTRA_DIST)))
check-am: $(unit_tests) $(e2e_tests)
mostlyclean-am: clean-programs
.PHONY: clean-programs
clean-programs:
	rm -f $(unit_tests) $(e2e_tests) $(fuzzers) $(test_objects)
test_deps = tests/unit/$(DEPDIR) tests/e2e/$(DEPDIR) tests/fuzz/$(DEPDIR)
$(test_deps):
	@$(MKDIR_P) $@
$(test_objects): | $(test_deps)
-include $(wildcard $(addsuffix /*.Po,$(test_deps)))
tests/bin/%.log: tests/bin/%
	@p='$<'; b='tests/bin/$*'; \
	$(am__check_pre) $(LOG_DRIVER) --test-name "$$f" \
	--log-file $$b.log --trs-file $$b.trs \
	$(am__common_driver_flags) $(AM_LOG_DRIVER_FLAGS) \
	$(LOG_DRIVER_FLAGS) -- $(LOG_COMPILE) "$$tst" $(AM_TESTS_FD_REDIRECT)

# Fuzzers: ./configure CC=clang --enable-fuzzers && make fuzzers.  The test
# tests/fuzz/run.sh makes and runs them in a build directory of their own.
fuzzers := $(patsubst $(srcdir)/%.c,%,$(wildcard $(srcdir)/tests/fuzz/fuzz_*.c))
$(fuzzers): %: %.o $(test_archives)
	$(AM_V_CCLD)$(LINK) -fsanitize=fuzzer $< $(LDADD)
.PHONY: fuzzers
fuzzers: $(fuzzers)
