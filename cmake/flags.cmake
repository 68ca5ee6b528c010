# SPDX-License-Identifier: MIT
#
# The flags of everything that is compiled here: language, warnings, hardening, sanitizers.  Each flag that a compiler
# might not know, or for which a C library might lack the functions, is tried first, with a program that makes use of
# it.  Nothing global is set; spk_set_flags gives the flags to one target.
include(CheckCSourceCompiles)
include(CheckLinkerFlag)
include(CheckPIESupported)

set(SPK_COMPILE_FLAGS "")
set(SPK_LINK_FLAGS "")

# An array, which is protected, and a copy of a size that is not known beforehand, which is checked.
set(SPK_PROBE "#include <string.h>
int main(int argc, char **argv) {
    char text[64];
    memcpy(text, argv[0], (size_t)argc);
    return text[argc];
}")

# spk_try_flags(compile|link FLAG...): appends to SPK_COMPILE_FLAGS or SPK_LINK_FLAGS those that work without a warning.
# A program is linked without the compile flags, as users of the library link theirs.
function(spk_try_flags kind)
    set(CMAKE_REQUIRED_QUIET ON)
    string(TOUPPER SPK_${kind}_FLAGS flags)
    foreach(flag ${ARGN})
        string(MAKE_C_IDENTIFIER "SPK_HAS${flag}" has)
        if(kind STREQUAL "link")
            set(CMAKE_REQUIRED_FLAGS -Werror)
            check_linker_flag(C ${flag} ${has})
        else()
            set(CMAKE_REQUIRED_DEFINITIONS -Werror ${flag})
            check_c_source_compiles("${SPK_PROBE}" ${has})
        endif()
        if(${has})
            list(APPEND ${flags} ${flag})
        else()
            message(VERBOSE "${flag} is optional, and does not work here")
        endif()
    endforeach()
    set(${flags} ${${flags}} PARENT_SCOPE)
endfunction()

# The highest level of _FORTIFY_SOURCE that the C library offers with this compiler; it warns about one unknown to it.
function(spk_find_fortify_level)
    set(CMAKE_REQUIRED_QUIET ON)
    foreach(level 3 2)
        set(CMAKE_REQUIRED_DEFINITIONS -O2 -Werror)
        check_c_source_compiles("#undef _FORTIFY_SOURCE\n#define _FORTIFY_SOURCE ${level}\n${SPK_PROBE}"
            SPK_HAS_FORTIFY_${level})
        if(SPK_HAS_FORTIFY_${level})
            set(SPK_FORTIFY_LEVEL ${level} PARENT_SCOPE)
            return()
        endif()
    endforeach()
    set(SPK_FORTIFY_LEVEL "" PARENT_SCOPE)
endfunction()

spk_try_flags(compile -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Wformat=2 -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wcast-qual -Wpointer-arith -Wimplicit-fallthrough
    -Wvla -Walloca -Wduplicated-cond -Wlogical-op)
if(SPK_WERROR)
    list(APPEND SPK_COMPILE_FLAGS -Werror)
endif()

# Whether a target will be optimised.  Where nobody chose (a project around this one without a build type) it is.
set(optimised "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
if(CMAKE_C_FLAGS MATCHES "-O[1-3s]")
    set(optimised 1)
elseif(NOT CMAKE_C_FLAGS MATCHES "-O")
    list(APPEND SPK_COMPILE_FLAGS "$<$<CONFIG:>:-O2>")
    set(optimised "$<CONFIG:,Release,RelWithDebInfo,MinSizeRel>")
endif()

if(SPK_SANITIZE)
    list(APPEND SPK_COMPILE_FLAGS -fsanitize=${SPK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    list(APPEND SPK_LINK_FLAGS -fsanitize=${SPK_SANITIZE})
    # What a left shift drops from an unsigned word is no overflow: words are packed and rotated everywhere.
    if(SPK_SANITIZE MATCHES "integer")
        list(APPEND SPK_COMPILE_FLAGS -fno-sanitize=unsigned-shift-base
            -fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/wraps.txt)
    endif()
elseif(SPK_HARDEN)
    spk_try_flags(compile -fstack-protector-strong -fstack-clash-protection -fstrict-flex-arrays=3
        -grecord-gcc-switches)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86|i.86|amd64|AMD64")
        spk_try_flags(compile -fcf-protection=full)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
        spk_try_flags(compile -mbranch-protection=standard)
    endif()
    # Without optimisation _FORTIFY_SOURCE does nothing but warn.
    spk_find_fortify_level()
    if(SPK_FORTIFY_LEVEL)
        list(APPEND SPK_COMPILE_FLAGS
            "$<${optimised}:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${SPK_FORTIFY_LEVEL}>")
    endif()
    spk_try_flags(link -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
    # The linker marks a file as fit for shadow stacks when all parts of it say so, and the start files of many C
    # libraries do not, though they only call and return.
    if(SPK_HAS_fcf_protection_full)
        spk_try_flags(link -Wl,-z,shstk)
    endif()
endif()
if(SPK_PORTABLE)
    list(APPEND SPK_COMPILE_FLAGS -DSPK_PORTABLE=1)
endif()
check_pie_supported(LANGUAGES C)

# Of src/decode/machine.c alone.  What the compiler shares between opcodes, or moves ahead of the jump to the next one, takes
# registers from all of them.
set(SPK_MACHINE_FLAGS "")
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT SPK_PORTABLE)
    set(SPK_MACHINE_FLAGS -fno-crossjumping -fno-gcse -fno-tree-pre)
endif()

function(spk_set_flags target)
    set_target_properties(${target} PROPERTIES
        C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden)
    target_compile_options(${target} PRIVATE ${SPK_COMPILE_FLAGS})
    target_compile_definitions(${target} PRIVATE _FILE_OFFSET_BITS=64) # large files and inodes on 32 bits, too
    target_link_options(${target} PRIVATE ${SPK_LINK_FLAGS})
endfunction()
