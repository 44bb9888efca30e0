; Modules and classes; `class A::B` lies in A.
(module name: (constant) @name) @definition.module

(module name: (scope_resolution scope: (_) @container name: (constant) @name)) @definition.module

(class name: (constant) @name) @definition.class

(class name: (scope_resolution scope: (_) @container name: (constant) @name)) @definition.class

(class name: (scope_resolution !scope name: (constant) @name)) @definition.class

; Methods; what a module holds is a method too, as modules are mixed into classes.
(method name: (_) @name) @definition.function

(module body: (body_statement (method name: (_) @name) @definition.method))

(singleton_class body: (body_statement (method name: (_) @name) @definition.method))

((method name: (identifier) @name) @definition.constructor
  (#eq? @name "initialize"))

(singleton_method name: (_) @name) @definition.method

(program (singleton_method object: (constant) @container name: (_) @name) @definition.method)

(alias name: (_) @name) @definition.method

(call
  !receiver
  method: (identifier) @_macro
  arguments: (argument_list . [(simple_symbol) (string (string_content))] @name)
  (#any-of? @_macro "alias_method" "define_method" "define_singleton_method")) @definition.method

(call
  !receiver
  method: (identifier) @_macro
  arguments: (argument_list (simple_symbol) @name)
  (#any-of? @_macro
    "attr_accessor" "attr_reader" "attr_writer" "attr" "class_attribute" "mattr_accessor"
    "mattr_reader" "cattr_accessor" "cattr_reader" "thread_mattr_accessor")) @definition.property

; Constants, of which some are classes
(assignment left: (constant) @name) @definition.constant

(assignment left: (left_assignment_list (constant) @name)) @definition.constant

(assignment
  left: (constant) @name
  right: (call
    receiver: (constant) @_class
    method: (identifier) @_method)
  (#any-of? @_class "Struct" "Class" "Data")
  (#any-of? @_method "new" "define")) @definition.class

(program (assignment left: (global_variable) @name) @definition.variable)

; Tests and tasks
(call
  !receiver
  method: (identifier) @_test
  arguments: (argument_list . (string (string_content) @name))
  block: (_)
  (#any-of? @_test
    "describe" "context" "it" "specify" "test" "should" "scenario" "feature" "example")) @definition.test

(call
  !receiver
  method: (identifier) @_task
  arguments: (argument_list . [
    (simple_symbol) @name
    (pair key: (simple_symbol) @name)
    (pair key: (hash_key_symbol) @name)
  ])
  block: (_)
  (#any-of? @_task "task" "multitask")) @definition.function
