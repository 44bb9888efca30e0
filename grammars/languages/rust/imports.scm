; `use a::b` imports `b` from `a`: whether `a` is a module or a type is not told by the text.
; Lists may nest; four levels are read.

(use_declaration argument: [
  (identifier) @import.path
  (crate) @import.path
  (scoped_identifier path: (_) @import.path name: (_) @import.name)
  (use_as_clause path: (identifier) @import.path alias: (identifier) @import.alias)
  (use_as_clause
    path: (scoped_identifier path: (_) @import.path name: (_) @import.name)
    alias: (identifier) @import.alias)
  (use_wildcard (_) @import.path "*" @import.glob)
]) @import

(use_declaration argument: (scoped_use_list path: (_) @import.path list: (use_list [
  (identifier) @import.name
  (self) @_module
  (scoped_identifier path: (_) @import.path name: (_) @import.name)
  (use_as_clause path: (identifier) @import.name alias: (identifier) @import.alias)
  (use_as_clause path: (self) alias: (identifier) @import.alias)
  (use_as_clause
    path: (scoped_identifier path: (_) @import.path name: (_) @import.name)
    alias: (identifier) @import.alias)
  (use_wildcard (_) @import.path "*" @import.glob)
  (use_wildcard . "*" @import.glob)
]))) @import

(use_declaration argument: (scoped_use_list path: (_) @import.path list: (use_list (scoped_use_list path: (_) @import.path list: (use_list [
  (identifier) @import.name
  (self) @_module
  (scoped_identifier path: (_) @import.path name: (_) @import.name)
  (use_as_clause path: (identifier) @import.name alias: (identifier) @import.alias)
  (use_as_clause path: (self) alias: (identifier) @import.alias)
  (use_as_clause
    path: (scoped_identifier path: (_) @import.path name: (_) @import.name)
    alias: (identifier) @import.alias)
  (use_wildcard (_) @import.path "*" @import.glob)
  (use_wildcard . "*" @import.glob)
]))))) @import

(use_declaration argument: (scoped_use_list path: (_) @import.path list: (use_list (scoped_use_list path: (_) @import.path list: (use_list (scoped_use_list path: (_) @import.path list: (use_list [
  (identifier) @import.name
  (self) @_module
  (scoped_identifier path: (_) @import.path name: (_) @import.name)
  (use_as_clause path: (identifier) @import.name alias: (identifier) @import.alias)
  (use_as_clause path: (self) alias: (identifier) @import.alias)
  (use_as_clause
    path: (scoped_identifier path: (_) @import.path name: (_) @import.name)
    alias: (identifier) @import.alias)
  (use_wildcard (_) @import.path "*" @import.glob)
  (use_wildcard . "*" @import.glob)
]))))))) @import

(use_declaration argument: (scoped_use_list path: (_) @import.path list: (use_list (scoped_use_list path: (_) @import.path list: (use_list (scoped_use_list path: (_) @import.path list: (use_list (scoped_use_list path: (_) @import.path list: (use_list [
  (identifier) @import.name
  (self) @_module
  (scoped_identifier path: (_) @import.path name: (_) @import.name)
  (use_as_clause path: (identifier) @import.name alias: (identifier) @import.alias)
  (use_as_clause path: (self) alias: (identifier) @import.alias)
  (use_as_clause
    path: (scoped_identifier path: (_) @import.path name: (_) @import.name)
    alias: (identifier) @import.alias)
  (use_wildcard (_) @import.path "*" @import.glob)
  (use_wildcard . "*" @import.glob)
]))))))))) @import

(extern_crate_declaration name: (identifier) @import.path) @import
(extern_crate_declaration
  name: (identifier) @import.path
  alias: (identifier) @import.alias) @import
