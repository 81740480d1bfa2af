// What the example calls of rclcpp, for machines without it. Spinning hands over one array of people.

#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "mobilepose_msgs/msg/person_array.hpp"

#define RCLCPP_INFO(logger, ...) (std::printf("[%s] ", (logger).c_str()), std::printf(__VA_ARGS__))

namespace rclcpp
{
struct QoS
{
  explicit QoS(int) {}
  QoS & best_effort() {return *this;}
};

template<typename Message>
struct Subscription
{
  using SharedPtr = std::shared_ptr<Subscription>;
  std::function<void(const Message &)> callback;
};

class Node
{
public:
  explicit Node(const std::string & name) : name_(name) {}
  std::string get_logger() const {return name_;}

  template<typename Message, typename Callback>
  typename Subscription<Message>::SharedPtr create_subscription(
    const std::string & topic, const QoS &, Callback callback)
  {
    std::printf("subscribes to %s\n", topic.c_str());
    callback_ = callback;
    return std::make_shared<Subscription<Message>>(Subscription<Message>{callback});
  }

  std::function<void(const mobilepose_msgs::msg::PersonArray &)> callback_;

private:
  std::string name_;
};

inline void init(int, char **) {}
inline void shutdown() {}

inline void spin(const std::shared_ptr<Node> & node)
{
  mobilepose_msgs::msg::PersonArray array;
  array.people.resize(2);
  auto & near = array.people[0];
  near.track_id = 7;
  near.posture = "standing";
  near.position.x = -0.5;
  near.position.z = 2.25;
  near.gestures.resize(2);
  near.gestures[0].name = "waving";
  near.gestures[0].state = mobilepose_msgs::msg::Gesture::YES;
  near.gestures[1].name = "arms_crossed";
  near.gestures[1].state = mobilepose_msgs::msg::Gesture::NO;
  array.people[1].track_id = 8;
  array.people[1].posture = "unknown";
  array.people[1].position.z = NAN;
  node->callback_(array);
}
}  // namespace rclcpp
