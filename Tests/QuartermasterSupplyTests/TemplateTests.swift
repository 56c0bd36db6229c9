import Quartermaster
import Testing
