// KeyedQueue: a pool of named threads; work of one key is done by one thread at a time, in the order it was added.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace base {

class KeyedQueue {
 public:
  // name: the threads are called "name-0" … (at most 15 characters, pthread_setname_np).
  KeyedQueue(const std::string& name, size_t threads);
  // Waits for what is running; what has not been started is dropped.
  ~KeyedQueue();
  KeyedQueue(const KeyedQueue&) = delete;
  KeyedQueue& operator=(const KeyedQueue&) = delete;

  void add(const std::string& key, std::function<void()> work);
  // Waits until everything added so far has been done.
  void drain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace base
