(import_statement
  (import_clause (identifier) @import.alias)
  source: (string (string_fragment) @import.path)) @import
(import_statement
  (import_clause (namespace_import (identifier) @import.alias))
  source: (string (string_fragment) @import.path)) @import
(import_statement
  (import_clause
    (named_imports
      (import_specifier name: (identifier) @import.name alias: (identifier)? @import.alias)))
  source: (string (string_fragment) @import.path)) @import
(import_statement
  .
  source: (string (string_fragment) @import.path)) @import

; What a module passes on.
(export_statement
  (export_clause
    (export_specifier name: (identifier) @import.name alias: (identifier)? @import.alias))
  source: (string (string_fragment) @import.path)) @import
(export_statement
  "*" @import.glob
  source: (string (string_fragment) @import.path)) @import
(export_statement
  (namespace_export (identifier) @import.alias)
  source: (string (string_fragment) @import.path)) @import

(call_expression
  function: (import)
  arguments: (arguments . (string (string_fragment) @import.path))) @import

; CommonJS.
(variable_declarator
  name: (identifier) @import.alias
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.path)))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (object_pattern (shorthand_property_identifier_pattern) @import.name)
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.path)))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (object_pattern
    (pair_pattern key: (property_identifier) @import.name value: (identifier) @import.alias))
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.path)))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (identifier) @import.alias
  value: (member_expression
    object: (call_expression
      function: (identifier) @_require
      arguments: (arguments . (string (string_fragment) @import.path)))
    property: (property_identifier) @import.name)
  (#eq? @_require "require")) @import
(expression_statement
  (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.path)))
  (#eq? @_require "require")) @import
(assignment_expression
  right: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.path))) @import
  (#eq? @_require "require"))
(pair
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.path))) @import
  (#eq? @_require "require"))
(call_expression
  function: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.path))) @import
  (#eq? @_require "require"))
(import_statement
  (import_require_clause
    (identifier) @import.alias
    source: (string (string_fragment) @import.path))) @import
