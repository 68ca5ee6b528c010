# SPDX-License-Identifier: MIT
#
# Where zlib comes from.  The system's, unless SPK_ZLIB_SOURCE names a directory of sources (fetched if it is empty):
# then zlib is built from these, with this compiler and these sanitizers, and becomes a part of both forms of the
# library, which asks for no other then.  C libraries beside the system's and other platforms often lack a zlib, and
# MemorySanitizer takes whatever a library without its instruments has written for unwritten.  Gives ZLIB::ZLIB, and
# SPK_ZLIB_OBJECTS for the library itself.
set(SPK_ZLIB_SOURCE "" CACHE PATH "Build zlib from the sources in this directory and into the library")
set(SPK_ZLIB_OBJECTS "")

if(SPK_ZLIB_SOURCE)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/cmake/fetch_zlib.sh ${SPK_ZLIB_SOURCE} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "There are no sources of zlib in ${SPK_ZLIB_SOURCE}, and they could not be fetched")
    endif()
    # What inflate and deflate consist of, without the functions for files.
    set(zlib_parts adler32 crc32 deflate inffast inflate inftrees trees zutil)
    list(TRANSFORM zlib_parts REPLACE "(.+)" "${SPK_ZLIB_SOURCE}/\\1.c")
    add_library(zlib_objects OBJECT ${zlib_parts})
    target_include_directories(zlib_objects SYSTEM PUBLIC ${SPK_ZLIB_SOURCE})
    target_compile_definitions(zlib_objects PRIVATE HAVE_UNISTD_H)
    target_compile_options(zlib_objects PRIVATE "$<$<CONFIG:>:-O2>")
    # zlib's arithmetic is meant to wrap, and is not ours to judge: of the sanitizers, only those that watch memory.
    if(SPK_SANITIZE MATCHES "(memory|thread)")
        target_compile_options(zlib_objects PRIVATE -fsanitize=${CMAKE_MATCH_1} -g)
    endif()
    # Hidden, so that they meet no other zlib in the program around the library.
    set_target_properties(zlib_objects PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    set(SPK_ZLIB_OBJECTS $<TARGET_OBJECTS:zlib_objects>)
    add_library(zlib_from_source STATIC ${SPK_ZLIB_OBJECTS})
    target_include_directories(zlib_from_source SYSTEM INTERFACE ${SPK_ZLIB_SOURCE})
    set_target_properties(zlib_from_source PROPERTIES LINKER_LANGUAGE C)
    add_library(ZLIB::ZLIB ALIAS zlib_from_source)
else()
    find_package(ZLIB)
    if(NOT ZLIB_FOUND)
        message(FATAL_ERROR "zlib is missing for this compiler: install it (Debian: zlib1g-dev), "
            "or give -DSPK_ZLIB_SOURCE=DIRECTORY to build it from its sources (on Debian an empty directory will do), "
            "or -DSPK_WITH_ZLIB=OFF for a library that refuses gzipped input")
    endif()
endif()
