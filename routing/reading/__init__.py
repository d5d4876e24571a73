"""Reading a post: the only home of spaCy.

`pipeline.Reader` runs posts through a spaCy `Language` that `pipeline.build_pipeline(roster)`
makes; each component is a spaCy factory, so that it can be seen, swapped and extended with spaCy's
own means. Nothing is imported here, so that `social` can be used without loading spaCy.
"""
