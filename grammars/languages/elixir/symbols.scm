; Every definition is a call, told apart by what is called.
((call
  target: (identifier) @_define
  (arguments . (alias) @name)) @definition.module
  (#eq? @_define "defmodule"))

((call
  target: (identifier) @_define
  (arguments . (alias) @name)
  (do_block
    .
    (unary_operator
      operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @doc))))) @definition.module
  (#eq? @_define "defmodule")
  (#eq? @_attribute "moduledoc"))

((call
  target: (identifier) @_define
  (arguments . (alias) @name)) @definition.interface
  (#eq? @_define "defprotocol"))

((call
  target: (identifier) @_define
  (arguments . (alias) @name)) @scope
  (#eq? @_define "defimpl"))

((call
  target: (identifier) @_define
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")
  ])) @definition.function
  (#any-of? @_define "def" "defp" "defdelegate" "defn" "defnp"))

((call
  target: (identifier) @_define
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name) operator: "when")
  ])) @definition.macro
  (#any-of? @_define "defmacro" "defmacrop" "defguard" "defguardp"))

; A further clause of a function
(do_block
  (call
    target: (identifier) @_first
    (arguments . [
      (call target: (identifier) @_before)
      (binary_operator left: (call target: (identifier) @_before) operator: "when")
    ]))
  .
  (call
    target: (identifier) @_define
    (arguments . [
      (call target: (identifier) @name)
      (binary_operator left: (call target: (identifier) @name) operator: "when")
    ])) @continuation
  (#any-of? @_define "def" "defp" "defmacro" "defmacrop")
  (#eq? @_first @_define)
  (#eq? @_before @name))

; The fields of a struct
((call
  target: (identifier) @_define
  (arguments . (list [(atom) @name (keywords (pair key: (keyword) @name))]))) @definition.field
  (#any-of? @_define "defstruct" "defexception"))

((call
  target: (identifier) @_define
  (arguments . (keywords (pair key: (keyword) @name)))) @definition.field
  (#any-of? @_define "defstruct" "defexception"))

; Types, callbacks and module attributes
((unary_operator
  operator: "@"
  operand: (call
    target: (identifier) @_attribute
    (arguments . (binary_operator
      left: [(identifier) @name (call target: (identifier) @name)]
      operator: "::")))) @definition.type_alias
  (#any-of? @_attribute "type" "typep" "opaque"))

((unary_operator
  operator: "@"
  operand: (call
    target: (identifier) @_attribute
    (arguments . [
      (binary_operator left: (call target: (identifier) @name) operator: "::")
      (binary_operator
        left: (binary_operator left: (call target: (identifier) @name) operator: "::")
        operator: "when")
    ]))) @definition.function
  (#any-of? @_attribute "callback" "macrocallback"))

((unary_operator
  operator: "@"
  operand: (call target: (identifier) @name (arguments))) @definition.constant
  (#not-any-of? @name
    "doc" "moduledoc" "typedoc" "spec" "type" "typep" "opaque" "callback" "macrocallback"
    "behaviour" "impl" "derive" "dialyzer" "deprecated" "since" "compile" "before_compile"
    "after_compile" "on_load" "on_definition" "external_resource" "enforce_keys" "optional_callbacks"
    "tag" "moduletag" "describetag" "file" "vsn"))

; Documentation is an attribute above the definition, a specification may stand between them.
(do_block
  (unary_operator
    operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @doc)))
  .
  (call
    target: (identifier) @_define
    (arguments . [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: (call target: (identifier) @name) operator: "when")
    ])) @definition.function
  (#eq? @_attribute "doc")
  (#any-of? @_define "def" "defp" "defdelegate"))

(do_block
  (unary_operator
    operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @doc)))
  .
  (unary_operator)
  .
  (call
    target: (identifier) @_define
    (arguments . [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: (call target: (identifier) @name) operator: "when")
    ])) @definition.function
  (#eq? @_attribute "doc")
  (#any-of? @_define "def" "defp" "defdelegate"))

(do_block
  (unary_operator
    operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @doc)))
  .
  (call
    target: (identifier) @_define
    (arguments . [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: (call target: (identifier) @name) operator: "when")
    ])) @definition.macro
  (#eq? @_attribute "doc")
  (#any-of? @_define "defmacro" "defguard"))

(do_block
  (unary_operator
    operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @doc)))
  .
  (unary_operator)
  .
  (call
    target: (identifier) @_define
    (arguments . [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: (call target: (identifier) @name) operator: "when")
    ])) @definition.macro
  (#eq? @_attribute "doc")
  (#any-of? @_define "defmacro" "defguard"))

(do_block
  (unary_operator
    operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @doc)))
  .
  (unary_operator
    operand: (call
      target: (identifier) @_type
      (arguments . (binary_operator
        left: [(identifier) @name (call target: (identifier) @name)]
        operator: "::")))) @definition.type_alias
  (#eq? @_attribute "typedoc")
  (#any-of? @_type "type" "typep" "opaque"))

; Tests
((call
  target: (identifier) @_test
  (arguments . (string (quoted_content) @name))
  (do_block)) @definition.test
  (#any-of? @_test "test" "describe" "property"))
