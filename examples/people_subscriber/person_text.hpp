// A person of mobilepose_msgs as a line of text.

#pragma once

#include <cmath>
#include <sstream>
#include <string>

#include "mobilepose_msgs/msg/person.hpp"

// Who the person is, where, in m to the right of the camera and ahead of it, and what they do.
inline std::string person_text(const mobilepose_msgs::msg::Person & person)
{
  using mobilepose_msgs::msg::Gesture;
  std::ostringstream text;
  text.setf(std::ios::fixed);
  text.precision(1);
  text << "person " << person.track_id << ": " << person.posture;
  if (std::isfinite(person.position.z)) {
    text << ", x " << person.position.x << " m, z " << person.position.z << " m";
  }
  for (const auto & gesture : person.gestures) {
    if (gesture.state == Gesture::YES) {
      text << ", " << gesture.name;
    }
  }
  return text.str();
}
