# SPDX-License-Identifier: MIT
#
# Where zlib comes from.  The system's, unless SPK_ZLIB_SOURCE names a directory of sources (fetched if it is empty):
# then zlib is built from these, with this compiler and these sanitizers.  MemorySanitizer needs that, for it takes
# whatever a library without its instruments has written for unwritten; and so do other platforms, which lack a zlib.
set(SPK_ZLIB_SOURCE "" CACHE PATH "Build zlib from this directory, for tests only: nothing can be installed then")

if(SPK_ZLIB_SOURCE)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/cmake/fetch_zlib.sh ${SPK_ZLIB_SOURCE} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "There are no sources of zlib in ${SPK_ZLIB_SOURCE}, and they could not be fetched")
    endif()
    # What inflate and deflate consist of, without the functions for files.
    set(zlib_parts adler32 crc32 deflate inffast inflate inftrees trees zutil)
    list(TRANSFORM zlib_parts REPLACE "(.+)" "${SPK_ZLIB_SOURCE}/\\1.c")
    add_library(zlib_from_source STATIC ${zlib_parts})
    target_include_directories(zlib_from_source SYSTEM PUBLIC ${SPK_ZLIB_SOURCE})
    target_compile_definitions(zlib_from_source PRIVATE HAVE_UNISTD_H)
    # zlib's arithmetic is meant to wrap, and is not ours to judge: of the sanitizers, only those that watch memory.
    if(SPK_SANITIZE MATCHES "(memory|thread)")
        target_compile_options(zlib_from_source PRIVATE -fsanitize=${CMAKE_MATCH_1} -g)
    endif()
    set_target_properties(zlib_from_source PROPERTIES POSITION_INDEPENDENT_CODE ON)
    add_library(ZLIB::ZLIB ALIAS zlib_from_source)
    set(SPK_INSTALL OFF)
else()
    find_package(ZLIB)
    if(NOT ZLIB_FOUND)
        message(FATAL_ERROR "zlib is missing: install it (Debian: zlib1g-dev), "
            "or give -DSPK_WITH_ZLIB=OFF for a library that refuses gzipped input")
    endif()
endif()
