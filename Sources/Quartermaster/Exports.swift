// One import for hosts: the engine, the supply domain, and the values of the rule language.
@_exported public import QuartermasterCEL
@_exported public import QuartermasterCore
@_exported public import QuartermasterSupply
