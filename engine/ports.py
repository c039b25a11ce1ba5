"""The place where plug-ins of the first version find `port` and its like. New ones import `engine.api`."""

from engine.kinds.ports import Incoming, Objection, Port, port, ports

__all__ = ["Incoming", "Objection", "Port", "port", "ports"]
