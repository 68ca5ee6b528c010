# SPDX-License-Identifier: MIT
#
# What is installed where: library, header, command, man page, CMake package, pkg-config file.  All of it may be moved
# together afterwards: no installed file holds the prefix.
include(CMakePackageConfigHelpers)

set(SPK_NEEDS_ZLIB OFF)
if(SPK_WITH_ZLIB AND NOT SPK_ZLIB_SOURCE)
    set(SPK_NEEDS_ZLIB ON)
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/safepickle)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS safepickle safepickle_static EXPORT safepickle)
install(FILES include/safepickle.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT safepickle NAMESPACE safepickle:: FILE safepickle-targets.cmake DESTINATION ${package_dir})

configure_package_config_file(cmake/safepickle-config.cmake.in safepickle-config.cmake
    INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(safepickle-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/safepickle-config.cmake ${PROJECT_BINARY_DIR}/safepickle-config-version.cmake
    DESTINATION ${package_dir})

if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR} OR IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
    set(pkgconfig_prefix ${CMAKE_INSTALL_PREFIX})
    set(pkgconfig_libdir ${CMAKE_INSTALL_FULL_LIBDIR})
    set(pkgconfig_includedir ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
    file(RELATIVE_PATH up ${CMAKE_INSTALL_PREFIX}/${pkgconfig_dir} ${CMAKE_INSTALL_PREFIX})
    string(REGEX REPLACE "/$" "" up ${up})
    set(pkgconfig_prefix "\${pcfiledir}/${up}")
    set(pkgconfig_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    set(pkgconfig_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
set(pkgconfig_requires "")
if(SPK_NEEDS_ZLIB)
    set(pkgconfig_requires "zlib")
endif()
configure_file(cmake/safepickle.pc.in safepickle.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/safepickle.pc DESTINATION ${pkgconfig_dir})

if(SPK_BUILD_CLI)
    install(TARGETS pickle-check)
    find_program(SPK_SCDOC scdoc)
    if(SPK_SCDOC)
        set(man_source ${PROJECT_SOURCE_DIR}/docs/pickle-check.1.scd)
        add_custom_command(OUTPUT pickle-check.1 DEPENDS ${man_source} VERBATIM
            COMMAND ${SPK_SCDOC} < ${man_source} > pickle-check.1)
        add_custom_target(man ALL DEPENDS pickle-check.1)
        install(FILES ${PROJECT_BINARY_DIR}/pickle-check.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    endif()
endif()
