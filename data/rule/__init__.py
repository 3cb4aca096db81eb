"""Policy versions, their effect, parameters and the cases of the rule."""
