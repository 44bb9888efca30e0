(function_definition name: (word) @name) @definition.function

(program (variable_assignment name: (variable_name) @name) @definition.variable)

(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable)

(program
  (declaration_command
    "readonly"
    (variable_assignment name: (variable_name) @name)) @definition.constant)

; A case of Bats reads as a command, its body as the commands that follow.
((command
  name: (command_name (word) @_test)
  .
  argument: [(string (string_content) @name) (raw_string) @name]) @definition.test
  (#eq? @_test "@test"))
