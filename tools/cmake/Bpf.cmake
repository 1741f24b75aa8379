# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
# dhcp46_bpf_skeleton(TARGET NAME SOURCES... [OPTIONS ...]): compiles BPF sources, links them into one
# object and makes its skeleton, NAME.skel.h, which users of the interface library TARGET can include.
find_program(BPF_CLANG NAMES clang-14 clang REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin /usr/local/sbin REQUIRED)

# clang -target bpf does not look into the multiarch folder where Debian keeps asm/types.h.
set(BPF_FLAGS -O2 -g -target bpf -mcpu=v3 -std=gnu11 -fno-strict-aliasing
  -Wall -Wextra -Werror -Wno-unused-function
  -I${CMAKE_SOURCE_DIR}/include -isystem /usr/include/${CMAKE_LIBRARY_ARCHITECTURE})

function(dhcp46_bpf_skeleton target name)
  cmake_parse_arguments(PARSE_ARGV 2 bpf "" "" OPTIONS)
  set(objects)
  foreach(source ${bpf_UNPARSED_ARGUMENTS})
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE input)
    cmake_path(GET source STEM LAST_ONLY stem)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${stem}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${BPF_CLANG} ${BPF_FLAGS} ${bpf_OPTIONS} -MD -MF ${object}.d -c ${input} -o ${object}
      DEPENDS ${input} DEPFILE ${object}.d
      COMMENT "BPF ${source}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()

  set(linked ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/${name}.skel.h)
  add_custom_command(OUTPUT ${linked} ${skeleton}
    COMMAND ${BPFTOOL} gen object ${linked} ${objects}
    COMMAND ${BPFTOOL} gen skeleton ${linked} name ${name} > ${skeleton}
    DEPENDS ${objects}
    COMMENT "BPF skeleton ${name}")

  add_custom_target(${target}_files ALL DEPENDS ${skeleton})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_files)
  target_include_directories(${target} SYSTEM INTERFACE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
