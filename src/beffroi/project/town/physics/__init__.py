"""The physical town: pure numpy, no Django, no other part of beffroi.

Everything that has no memory (weather, demand, crowds) is a function of absolute time, so the
past written at planting and the present sent by the simulator are one and the same world.
"""
