(rule_set (selectors) @name) @definition.rule

(keyframes_statement (keyframes_name) @name) @definition.rule

((declaration . (property_name) @name) @definition.property
  (#match? @name "^--"))
